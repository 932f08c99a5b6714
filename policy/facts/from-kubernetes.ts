import type { Case, Facts } from "../facts.ts";
import {
  type KubernetesKind,
  type NamespaceFacts,
  type ServiceFacts,
  WORKLOAD_KINDS,
  type WorkloadFacts,
  type WorkloadKind,
} from "./kubernetes.ts";
import { containersOf, type PodSpec, podFacts } from "./pods.ts";
import { fact, plain, type RegisteredResource } from "./resource.ts";

/** Groups of Kubernetes itself: a kind of the same name in another group is something else. */
const TYPE = /^kubernetes:(?:core|apps|batch|extensions)\/\w+:(\w+)$/;

interface KubernetesObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: WorkloadSpec;
}

interface WorkloadSpec {
  readonly template?: { readonly spec?: PodSpec };
  readonly jobTemplate?: { readonly spec?: WorkloadSpec };
  readonly activeDeadlineSeconds?: number;
  readonly volumeClaimTemplates?: readonly unknown[];
  readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string };
  readonly type?: string;
  readonly externalIPs?: readonly string[];
}

/** Undefined of what runs no pods: other kinds, custom resources, patches, charts. */
export function workloadOf(resource: RegisteredResource): Case<WorkloadFacts> | undefined {
  const kind = WORKLOAD_KINDS.find((each) => each === kindOf(resource));
  if (kind === undefined) return undefined;
  const { spec = {} } = objectOf(resource);
  const ofPods = kind === "CronJob" ? (spec.jobTemplate?.spec ?? {}) : spec;
  const pod = (): PodSpec => (kind === "Pod" ? (spec as PodSpec) : (ofPods.template?.spec ?? {}));
  const known = <T>(read: (pod: PodSpec) => T) => fact(() => read(pod()));
  const facts: Facts<WorkloadFacts> = {
    name: fact(() => nameOf(resource)),
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
  return { subject: subjectOf(kind, resource), facts };
}

export function serviceOf(resource: RegisteredResource): Case<ServiceFacts> | undefined {
  if (kindOf(resource) !== "Service") return undefined;
  const { spec = {} } = objectOf(resource);
  const facts: Facts<ServiceFacts> = {
    name: fact(() => nameOf(resource)),
    type: fact(() => String(spec.type ?? "ClusterIP")),
    externalIPs: fact(() => (plain(spec.externalIPs) ?? []) as string[]),
  };
  return { subject: subjectOf("Service", resource), facts };
}

export function namespaceOf(resource: RegisteredResource): Case<NamespaceFacts> | undefined {
  if (kindOf(resource) !== "Namespace") return undefined;
  const labels = fact(() => (plain(objectOf(resource).metadata?.labels) ?? {}) as Record<string, string>);
  return { subject: subjectOf("Namespace", resource), facts: { labels } };
}

function kindOf({ type }: RegisteredResource): string | undefined {
  return TYPE.exec(type)?.[1];
}

function objectOf({ props }: RegisteredResource): KubernetesObject {
  return props as KubernetesObject;
}

/** `namespace/name`, of a Namespace its name alone. */
function nameOf(resource: RegisteredResource): string {
  const { name = resource.name, namespace = "default" } = objectOf(resource).metadata ?? {};
  return kindOf(resource) === "Namespace" ? String(name) : `${namespace}/${name}`;
}

function subjectOf(kind: KubernetesKind, resource: RegisteredResource): Case<unknown>["subject"] {
  const name = fact(() => nameOf(resource));
  return { kind, name: typeof name === "string" ? name : resource.name, urn: resource.urn };
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
