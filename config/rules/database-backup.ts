import { defaults } from "../defaults.ts";
import type { Path } from "../document/source-tree.ts";
import type { Fault, SpecIssue } from "../issues.ts";
import { shownText } from "../schema/values.ts";
import { secondsFix, secondsIn } from "../values/duration.ts";
import { accessFaults, bucketFaults } from "./platform-services.ts";
import { keyFault } from "./prefixes.ts";
import type { DocumentRule, StackRule } from "./rule.ts";
import { placeFault, placeName, type View } from "./stage-view.ts";
import { scheduleFault, scheduleFix } from "./workload-values.ts";

const PATH: Path = ["database_backup"];
/** PostgreSQL's own limit of `archive_timeout` is 12 days; a day is what anybody can mean. */
const LONGEST = 86_400;

/** Bucket and key are of this file, and the key may do what backups need: list, read and write, never delete. */
export const databaseBackup: DocumentRule = (view) => {
  const spec = view.spec.database_backup;
  if (spec === undefined) return [];
  const { bucket, service_account: account, prefix = defaults.databaseBackup.prefix } = spec;
  const faults = [
    ...bucketFaults(view, bucket, [...PATH, "bucket"]),
    ...versioningFault(view, bucket),
    ...prefixFault(prefix),
    ...timeoutFault(spec),
    ...scheduleFaults(spec),
  ];
  if (faults.length > 0) return faults;
  // Barman asks for the bucket itself first.
  const needs = [
    { account, bucket, prefix: "", roles: ["list", "read", "read_write"] as const },
    { account, bucket, prefix, roles: ["read", "read_write"] as const },
    { account, bucket, prefix, roles: ["write", "read_write"] as const },
  ];
  return needs.map((use) => accessFaults(view, use, PATH)).find((found) => found.length > 0) ?? [];
};

/** One PostgreSQL server serves a stack: its log goes to one place. */
export const oneDatabaseBackup: StackRule = (views) => {
  const [first, ...others] = views.filter(({ spec }) => spec.database_backup !== undefined);
  if (first === undefined) return [];
  return others.map((view): SpecIssue => {
    const message = `databases are backed up as ${placeName(first, PATH, true)} says, and one PostgreSQL server serves the whole stack`;
    const fault: Fault = {
      code: "duplicate-name",
      path: PATH,
      onKey: true,
      message,
      fix: "leave it out of one of the two",
    };
    return placeFault(fault, view.document, view.stage, view.root);
  });
};

function prefixFault(prefix: string): Fault[] {
  const path = [...PATH, "prefix"];
  const wrong = prefix === "" ? { message: "is empty", fix: "write databases/" } : keyFault(prefix);
  if (wrong !== null)
    return [{ code: "prefix", path, message: `${shownText(prefix)} ${wrong.message}`, fix: wrong.fix }];
  if (prefix.endsWith("/")) return [];
  return [
    {
      code: "prefix",
      path,
      message: `${shownText(prefix)} has no / at its end`,
      fix: `write ${shownText(`${prefix}/`)}`,
    },
  ];
}

function timeoutFault({ archive_timeout: given }: { readonly archive_timeout?: string | undefined }): Fault[] {
  if (given === undefined) return [];
  const seconds = secondsIn(given);
  const path = [...PATH, "archive_timeout"];
  if (seconds !== null && seconds <= LONGEST) return [];
  const message = `${shownText(given)} is no time up to a day like 60s, 5m or 1h`;
  return [{ code: "service-value", path, message, fix: seconds === null ? secondsFix(given) : "write 24h or less" }];
}

/** A segment may be archived twice, and a server that was restored in the wrong place would write over what another one has. */
function versioningFault(view: View, name: string): Fault[] {
  const target = view.buckets.find(({ bucket }) => bucket.name === name);
  if (target === undefined || target.versioning || !target.isKnown("versioning")) return [];
  const message = `bucket ${shownText(name)} has no versioning: a segment of the log that is written over would be lost`;
  const involved = target.where("versioning");
  return [
    { code: "backup-target", path: [...PATH, "bucket"], involved, message, fix: "write versioning: true for it" },
  ];
}

function scheduleFaults({ schedule }: { readonly schedule?: string | undefined }): Fault[] {
  const wrong = schedule === undefined ? null : scheduleFault(schedule);
  if (schedule === undefined || wrong === null) return [];
  const message = `schedule ${shownText(schedule)} ${wrong}`;
  return [{ code: "service-value", path: [...PATH, "schedule"], message, fix: scheduleFix(schedule) }];
}
