import { defaults } from "../defaults.ts";
import type { Workload, WorkloadRun, WorkloadStep } from "../model.ts";
import type { ProgramSpec, WorkloadSpec } from "../schema/workload.ts";
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
      steps: (spec.steps ?? [{ ...spec, name }]).map((step) => resolveStep(platform, step, spec.variables)),
      config: spec.config ?? null,
      cpu: spec.cpu ?? defaults.workload.cpu,
      memory: spec.memory ?? defaults.workload.memory,
      home: spec.home ?? defaults.workload.home,
    }));
}

/** @param common variables of all steps; a step's own one wins */
function resolveStep(platform: string, step: ProgramSpec, common: ProgramSpec["variables"]): WorkloadStep {
  const variables = Object.entries({ ...common, ...step.variables });
  return {
    name: step.name,
    command: step.command ?? [],
    arguments: step.arguments ?? [],
    variables: Object.fromEntries(variables.sort(([a], [b]) => (a < b ? -1 : 1))),
    serviceAccount: step.service_account ?? null,
    databaseRole: step.database_role === undefined ? null : roleName(platform, step.database_role),
  };
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
