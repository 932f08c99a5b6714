import { defaults } from "../defaults.ts";
import type { Workload, WorkloadRun } from "../model.ts";
import type { WorkloadSpec } from "../schema/workload.ts";
import { roleName } from "../values/database-names.ts";
import { secondsIn } from "../values/duration.ts";

/** Sorted by name. The spec was judged: each kind has its keys and no other. */
export function resolveWorkloads(platform: string, specs: Readonly<Record<string, WorkloadSpec>> = {}): Workload[] {
  return Object.entries(specs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]) => ({
      name,
      run: resolveRun(spec),
      image: spec.image ?? null,
      command: spec.command ?? [],
      arguments: spec.arguments ?? [],
      variables: Object.fromEntries(Object.entries(spec.variables ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))),
      serviceAccount: spec.service_account ?? null,
      databaseRole: spec.database_role === undefined ? null : roleName(platform, spec.database_role),
      config: spec.config ?? null,
      cpu: spec.cpu ?? defaults.workload.cpu,
      memory: spec.memory ?? defaults.workload.memory,
    }));
}

function resolveRun(spec: WorkloadSpec): WorkloadRun {
  const deadlineSeconds = secondsIn(spec.deadline ?? defaults.workload.deadline) ?? 0;
  const limits = { deadlineSeconds, retries: spec.retries ?? defaults.workload.retries };
  switch (spec.kind) {
    case "job":
      return { kind: "job", gates: spec.gates ?? false, ...limits };
    case "scheduled_job": {
      const timeZone = spec.time_zone ?? defaults.workload.timeZone;
      return { kind: "scheduled_job", schedule: spec.schedule ?? "", timeZone, ...limits };
    }
    case "service": {
      const { port = 0, health = defaults.workload.health, replicas = { min: 1, max: 1 } } = spec;
      return { kind: "service", port, health, replicas };
    }
  }
}
