import type { Case, Facts } from "../facts.ts";
import { plain } from "./known-value.ts";
import {
  type KubernetesKind,
  type NamespaceFacts,
  type ServiceFacts,
  WORKLOAD_KINDS,
  type WorkloadFacts,
} from "./kubernetes.ts";
import { fact, type RegisteredResource } from "./resource.ts";
import { type WorkloadSpec, workloadFacts } from "./workload.ts";

/** Groups of Kubernetes itself: a kind of the same name in another group is something else. */
const TYPE = /^kubernetes:(?:core|apps|batch|extensions)\/\w+:(\w+)$/;

interface KubernetesObject {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: WorkloadSpec & ServiceSpec;
}

interface ServiceSpec {
  readonly type?: string;
  readonly externalIPs?: readonly string[];
}

/** Undefined of what runs no pods: other kinds, custom resources, patches, charts. */
export function workloadOf(resource: RegisteredResource): Case<WorkloadFacts> | undefined {
  const kind = WORKLOAD_KINDS.find((each) => each === kindOf(resource));
  if (kind === undefined) return undefined;
  const { spec = {} } = objectOf(resource);
  const facts: Facts<WorkloadFacts> = { place: fact(() => placeOf(resource)), ...workloadFacts(kind, spec, fact) };
  return { subject: subjectOf(kind, resource), facts };
}

export function serviceOf(resource: RegisteredResource): Case<ServiceFacts> | undefined {
  if (kindOf(resource) !== "Service") return undefined;
  const { spec = {} } = objectOf(resource);
  const facts: Facts<ServiceFacts> = {
    place: fact(() => placeOf(resource)),
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
function placeOf(resource: RegisteredResource): string {
  const { name = resource.name, namespace = "default" } = objectOf(resource).metadata ?? {};
  return kindOf(resource) === "Namespace" ? String(name) : `${namespace}/${name}`;
}

function subjectOf(kind: KubernetesKind, resource: RegisteredResource): Case<unknown>["subject"] {
  const name = fact(() => placeOf(resource));
  return { kind, name: typeof name === "string" ? name : resource.name, urn: resource.urn };
}
