import type { Fact, Facts } from "../facts.ts";
import type { WorkloadFacts, WorkloadKind } from "./kubernetes.ts";
import { containersOf, type PodSpec, podFacts } from "./pods.ts";

/** Of the specification of what runs pods, what rules judge. */
export interface WorkloadSpec {
  readonly template?: { readonly spec?: PodSpec };
  readonly jobTemplate?: { readonly spec?: WorkloadSpec };
  readonly activeDeadlineSeconds?: number;
  readonly volumeClaimTemplates?: readonly unknown[];
  readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string };
}

/** @param fact what is read, or that it isn't known yet */
export function workloadFacts(
  kind: WorkloadKind,
  spec: WorkloadSpec,
  fact: <T>(read: () => T) => Fact<T>,
): Omit<Facts<WorkloadFacts>, "place"> {
  const ofPods = kind === "CronJob" ? (spec.jobTemplate?.spec ?? {}) : spec;
  const pod = (): PodSpec => (kind === "Pod" ? (spec as PodSpec) : (ofPods.template?.spec ?? {}));
  const known = <T>(read: (pod: PodSpec) => T) => fact(() => read(pod()));
  return {
    ...podFacts(known),
    probes: known((each) => (ends(kind, each) ? [] : containersOf(each).filter(staysUp).map(probesOf))),
    end: known((each) => ({
      expected: ends(kind, each),
      deadline: ofPods.activeDeadlineSeconds ?? each.activeDeadlineSeconds,
    })),
    claims: fact(() => {
      const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {};
      return { templates: spec.volumeClaimTemplates?.length ?? 0, whenDeleted, whenScaled };
    }),
  };
}

function ends(kind: WorkloadKind, { restartPolicy = "Always" }: PodSpec): boolean {
  return kind === "Job" || kind === "CronJob" || restartPolicy !== "Always";
}

/** A container that is started before the others stays up only as a sidecar. */
function staysUp({ initial, container }: ReturnType<typeof containersOf>[number]): boolean {
  return !initial || container.restartPolicy === "Always";
}

function probesOf({ container }: ReturnType<typeof containersOf>[number]): WorkloadFacts["probes"][number] {
  const { name, readinessProbe, livenessProbe } = container;
  return { container: name, readiness: readinessProbe !== undefined, liveness: livenessProbe !== undefined };
}
