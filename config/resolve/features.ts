import { defaults } from "../defaults.ts";
import type { Features, Workload } from "../model.ts";
import type { FeaturesSpec } from "../schema/features.ts";
import { roleName } from "../values/database-names.ts";
import { FEATURE_ROLE, FEATURE_SCHEMA, featureJobName } from "../values/features.ts";

const { features: usual } = defaults;
const DAY_SECONDS = 86_400;
const ALL = 100;

/** Null where the platform has no feature store. */
export function resolveFeatures(platform: string, spec: FeaturesSpec | undefined): Features | null {
  if (spec === undefined) return null;
  return {
    store: spec.store ?? usual.store,
    bucket: spec.bucket,
    serviceAccount: spec.service_account,
    databaseRole: roleName(platform, FEATURE_ROLE),
    schema: FEATURE_SCHEMA,
    schedule: spec.schedule ?? null,
    entities: sorted(spec.entities).map(([name, { key, type, description }]) => ({
      ...{ name, key, type: type ?? usual.keyType, description: description ?? "" },
    })),
    views: sorted(spec.views).map(([name, view]) => ({
      name,
      description: view.description ?? "",
      entities: view.entities,
      prefix: view.prefix,
      timestamp: view.timestamp ?? usual.timestamp,
      created: view.created ?? usual.created,
      ttlSeconds: view.ttl_days * DAY_SECONDS,
      online: view.online ?? usual.online,
      fields: sorted(view.fields).map(([field, { type, description, min, max, null_percent: percent }]) => ({
        name: field,
        type,
        description: description ?? "",
        least: min ?? null,
        most: max ?? null,
        nullShare: (percent ?? usual.nullPercent) / ALL,
      })),
    })),
  };
}

/** DuckDB and Arrow with the newest row of each entity. */
const MEMORY = "1Gi";
const DEADLINE_SECONDS = 3600;

/** A platform's workloads with the job that brings its features online: it applies the definitions first. */
export function withFeatureJob(
  platform: string,
  workloads: readonly Workload[],
  features: Features | null,
): Workload[] {
  if (features === null || features.schedule === null) return [...workloads];
  const { schedule, serviceAccount, databaseRole } = features;
  const { cpu, home } = defaults.workload;
  const step = (name: string) => ({
    ...{
      name,
      command: ["features", name],
      arguments: [],
      variables: { FEATURES: featureVariable(platform, features) },
    },
    ...{ serviceAccount, databaseRole },
  });
  const job: Workload = {
    name: featureJobName(platform),
    run: { kind: "scheduled_job", schedule, timeZone: "Etc/UTC", deadlineSeconds: DEADLINE_SECONDS, retries: 2 },
    image: "features",
    steps: [step("apply"), step("materialize")],
    config: null,
    ...{ cpu, memory: MEMORY, home },
  };
  return [...workloads, job].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What `pipelines/features` reads as the variable FEATURES. Kubernetes would put another variable's value where it finds `$(NAME)`. */
export function featureVariable(platform: string, features: Features): string {
  return JSON.stringify({ platform, ...features }).replaceAll("$", "\\u0024");
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
