import { defaults } from "../defaults.ts";
import type { Path } from "../document/source-tree.ts";
import type { Fault } from "../issues.ts";
import type { FeaturesSpec } from "../schema/features.ts";
import { shownText } from "../schema/values.ts";
import { FEATURE_ROLE, featureJobName, PROFILES_PREFIX } from "../values/features.ts";
import { nearest } from "../values/nearest.ts";
import { accessFaults, bucketFaults } from "./platform-services.ts";
import { keyFault } from "./prefixes.ts";
import type { DocumentRule } from "./rule.ts";
import type { View } from "./stage-view.ts";
import { LONGEST_NAME as LONGEST_JOB, scheduleFault, scheduleFix } from "./workload-values.ts";

/** What Feast, PostgreSQL and Prometheus all take; two underscores stand between a view and its feature in a training set. */
const NAME = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
const LONGEST_NAME = 40;
/** Of an online table, `PLATFORM_VIEW`, with what Feast adds for an index, PostgreSQL keeps 63. */
const LONGEST_TABLE = 54;
/** Feast has them for itself. */
const TAKEN = ["entity_df", "event_timestamp", "created_timestamp", "entity_row_id"];
const ROOT: Path = ["features"];

type ViewSpec = FeaturesSpec["views"][string];

/** Definitions that Feast takes: names, references within the file, and where the files are. */
export const features: DocumentRule = (view) => {
  const spec = view.spec.features;
  if (spec === undefined) return [];
  return [
    ...Object.entries(spec.entities).flatMap(([name, { key }]) => [
      ...nameFaults("entity", name, [...ROOT, "entities", name], true),
      ...nameFaults("column", key, [...ROOT, "entities", name, "key"], false),
    ]),
    ...Object.entries(spec.views).flatMap(([name, each]) => viewFaults(view, spec, name, each)),
    ...emptyFaults(spec),
    ...scheduleFaults(view, spec),
  ];
};

/** Who reads the files, and where what is online is kept. */
export const featurePlace: DocumentRule = (view) => {
  const spec = view.spec.features;
  if (spec === undefined) return [];
  const { bucket, service_account: account } = spec;
  const roles = isOf(spec, "feast") ? roleFaults(view) : [];
  const faults = [...bucketFaults(view, bucket, [...ROOT, "bucket"]), ...roles];
  if (faults.length > 0) return faults;
  const reads = Object.values(spec.views).map(({ prefix }) => ({ prefix, roles: ["read", "read_write"] as const }));
  const profiles = [
    { prefix: PROFILES_PREFIX, roles: ["read", "read_write"] as const },
    { prefix: PROFILES_PREFIX, roles: ["write", "read_write"] as const },
  ];
  const needs = isOf(spec, "hopsworks") ? reads : [...reads, ...profiles];
  const found = needs.map((need) => accessFaults(view, { account, bucket, ...need }, ROOT));
  return found.find((each) => each.length > 0) ?? [];
};

function viewFaults(view: View, spec: FeaturesSpec, name: string, each: ViewSpec): Fault[] {
  const at = (...path: Path): Path => [...ROOT, "views", name, ...path];
  const table = `${view.document.platform}_${name}`;
  const { timestamp = defaults.features.timestamp, created = defaults.features.created } = each;
  const faults = nameFaults("feature view", name, at(), true);
  if (faults.length === 0 && table.length > LONGEST_TABLE) {
    const message = `the online table ${shownText(table)} would have ${table.length} characters, ${LONGEST_TABLE} are possible`;
    faults.push({ code: "feature-value", path: at(), onKey: true, message, fix: "rename the view" });
  }
  for (const [key, column] of Object.entries({ timestamp, created })) {
    faults.push(...columnFaults(column, at(key)));
  }
  if (timestamp === created) {
    const message = `timestamp and created are both ${shownText(created)}: when a value was true is not when it was there to be read`;
    faults.push({
      code: "feature-value",
      path: at("created"),
      message,
      fix: "name the column that says when rows were written",
    });
  }
  faults.push(...prefixFault(each.prefix, at("prefix")));
  const entities = Object.keys(spec.entities);
  for (const [index, entity] of each.entities.entries()) {
    if (entities.includes(entity) || !view.isKnown([...ROOT, "entities", entity])) continue;
    const near = nearest(entity, entities);
    const fix = near === null ? "add it to features.entities, or fix the name" : `did you mean ${near}?`;
    const message = `features has no entity ${shownText(entity)}`;
    faults.push({ code: "dangling-reference", path: at("entities", index), message, fix });
  }
  const keys = each.entities.flatMap((entity) => spec.entities[entity]?.key ?? []);
  return [...faults, ...fieldFaults(each, [...keys, timestamp, created], at)];
}

function fieldFaults({ fields }: ViewSpec, columns: readonly string[], at: (...path: Path) => Path): Fault[] {
  const faults: Fault[] = [];
  if (Object.keys(fields).length === 0) {
    const message = "a view without a field";
    faults.push({
      code: "feature-value",
      path: at("fields"),
      onKey: true,
      message,
      fix: "add one, or remove the view",
    });
  }
  for (const [name, { type, min, max }] of Object.entries(fields)) {
    const wrongName = nameFaults("feature", name, at("fields", name), true);
    faults.push(...wrongName);
    if (wrongName.length === 0 && columns.includes(name)) {
      const message = `feature ${shownText(name)} is a key or a moment of the same view`;
      faults.push({
        code: "feature-value",
        path: at("fields", name),
        onKey: true,
        message,
        fix: "remove it, or rename it",
      });
    }
    const isNumber = !["string", "timestamp"].includes(type);
    for (const key of ["min", "max"] as const) {
      if (isNumber || { min, max }[key] === undefined) continue;
      const message = `${key} belongs to numbers, this is a ${type}`;
      faults.push({ code: "feature-value", path: at("fields", name, key), onKey: true, message, fix: "remove it" });
    }
    if (min !== undefined && max !== undefined && min > max) {
      const message = `max ${max} is less than min ${min}`;
      faults.push({ code: "feature-value", path: at("fields", name, "max"), message, fix: "raise max or lower min" });
    }
  }
  return faults;
}

function prefixFault(prefix: string, path: Path): Fault[] {
  const wrong =
    keyFault(prefix) ??
    (prefix.endsWith("/") ? null : { message: "must end in a slash", fix: `write ${shownText(`${prefix}/`)}` }) ??
    (prefix.startsWith(PROFILES_PREFIX)
      ? { message: "is where profiles are, and no features", fix: "name another prefix" }
      : null);
  if (wrong === null) return [];
  return [{ code: "prefix", path, message: `${shownText(prefix)} ${wrong.message}`, fix: wrong.fix }];
}

function emptyFaults({ entities, views }: FeaturesSpec): Fault[] {
  return Object.entries({ entities, views }).flatMap(([key, record]): Fault[] =>
    Object.keys(record).length > 0
      ? []
      : [
          {
            code: "feature-value",
            path: [...ROOT, key],
            onKey: true,
            message: `${key} is empty`,
            fix: "add one, or remove features",
          },
        ],
  );
}

function isOf({ store = defaults.features.store }: FeaturesSpec, asked: NonNullable<FeaturesSpec["store"]>): boolean {
  return store === asked;
}

function scheduleFaults(view: View, spec: FeaturesSpec): Fault[] {
  const { schedule } = spec;
  if (schedule === undefined) {
    if (!isOf(spec, "feast")) return [];
    const message = "nothing says when the newest values are brought online";
    const fix = 'add schedule, like "17 * * * *": each hour';
    return [{ code: "feature-value", path: ROOT, onKey: true, message, fix }];
  }
  if (isOf(spec, "hopsworks")) {
    const message = "schedule belongs to Feast: what goes online in Hopsworks, its own jobs bring there";
    return [{ code: "feature-value", path: [...ROOT, "schedule"], onKey: true, message, fix: "remove it" }];
  }
  const wrong = scheduleFault(schedule);
  const name = featureJobName(view.document.platform);
  const faults: Fault[] = [];
  if (wrong !== null) {
    const message = `schedule ${shownText(schedule)} ${wrong}`;
    faults.push({ code: "feature-value", path: [...ROOT, "schedule"], message, fix: scheduleFix(schedule) });
  }
  if (name.length > LONGEST_JOB) {
    const message = `the scheduled job ${shownText(name)} would have ${name.length} characters, Kubernetes takes ${LONGEST_JOB}`;
    faults.push({ code: "feature-value", path: ROOT, onKey: true, message, fix: "give the file a shorter name" });
  }
  return faults;
}

function roleFaults(view: View): Fault[] {
  const { database } = view.spec;
  if (database?.roles[FEATURE_ROLE] !== undefined || !view.isKnown(["database"])) return [];
  return [
    {
      ...{ code: "feature-needs", path: ROOT, onKey: true },
      message: `what is online is kept in the platform's database, which has no role ${FEATURE_ROLE}`,
      fix: `add database: {name: ..., roles: {${FEATURE_ROLE}: {}}}, and the migration that docs/features.md names`,
    },
  ];
}

function columnFaults(column: string, path: Path): Fault[] {
  if (/^[A-Za-z_]\w*$/.test(column)) return [];
  const message = `column ${shownText(column)} must have letters, digits and _, no digit first`;
  return [{ code: "feature-value", path, message, fix: "rename it" }];
}

function nameFaults(what: string, name: string, path: Path, onKey: boolean): Fault[] {
  const fault = (says: string): Fault => ({
    ...{ code: "feature-value", path, onKey, fix: "rename it" },
    message: `${what} ${shownText(name)} ${says}`,
  });
  if (!NAME.test(name) || name.length > LONGEST_NAME) {
    return [fault(`must have lower-case letters, digits and single underscores, ${LONGEST_NAME} at most`)];
  }
  return TAKEN.includes(name) ? [fault("has a name that Feast keeps for itself")] : [];
}
