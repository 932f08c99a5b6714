import { createHash } from "node:crypto";
import { UNKNOWN } from "../../../provider/property-bags.ts";
import type { Kind } from "./kinds.ts";

/** A Kubernetes object, as it is written and as the server answers it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
  [key: string]: unknown;
}

export interface Metadata {
  name?: string;
  namespace?: string;
  annotations?: Record<string, string>;
  [key: string]: unknown;
}

const AUTONAMED = "pulumi.com/autonamed";
/** Fields that the server alone gives. */
const SERVERS = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/**
 * Inputs as they are sent to the server: kind and version are the type's, a name is found where none is given. An object
 * that exists keeps the name it got.
 * @param seed of the engine, the same in preview and update
 */
export function checked(
  inputs: Record<string, unknown>,
  olds: Record<string, unknown>,
  { kind, name, seed, namespace }: { kind: Kind; name: string; seed: Uint8Array; namespace: string | undefined },
): KubernetesObject {
  const { status: _, ...given } = inputs;
  const metadata: Metadata = { ...(given.metadata as Metadata | undefined) };
  for (const field of SERVERS) delete metadata[field];
  const before = olds.metadata as Metadata | undefined;
  if (metadata.name === undefined && before?.name !== undefined && isAutonamed(before)) {
    metadata.name = before.name;
    metadata.annotations = { ...metadata.annotations, [AUTONAMED]: "true" };
  } else if (metadata.name === undefined) {
    metadata.name = `${name.toLowerCase()}-${createHash("sha256").update(seed).digest("hex").slice(0, 8)}`;
    metadata.annotations = { ...metadata.annotations, [AUTONAMED]: "true" };
  }
  if (metadata.namespace === undefined && namespace !== undefined) metadata.namespace = namespace;
  return { ...(kind.kind === "Secret" ? encoded(given) : given), ...kind, metadata };
}

/** The server keeps `stringData` as `data`: so do the inputs, or each preview would show a change. */
function encoded({ stringData, ...secret }: Record<string, unknown>): Record<string, unknown> {
  if (stringData === undefined) return secret;
  if (!isRecord(stringData) || Object.values(stringData).includes(UNKNOWN)) return { ...secret, stringData };
  const base64 = (text: unknown): string => Buffer.from(String(text)).toString("base64");
  const data = Object.fromEntries(Object.entries(stringData).map(([key, value]) => [key, base64(value)]));
  return { ...secret, data: { ...(secret.data as object | undefined), ...data } };
}

export function isAutonamed({ annotations }: Metadata): boolean {
  return annotations?.[AUTONAMED] === "true";
}

/** `namespace/name`, or the name alone where an object has no namespace. */
export function idOf({ metadata: { name, namespace } }: KubernetesObject): string {
  return namespace === undefined ? String(name) : `${namespace}/${name}`;
}

/** Of the live object what the inputs speak of: what the server or another controller adds makes no difference. */
export function pruned(live: unknown, shape: unknown): unknown {
  if (Array.isArray(live) && Array.isArray(shape)) {
    return live.map((item, index) => (index < shape.length ? pruned(item, shape[index]) : item));
  }
  if (!isRecord(live) || !isRecord(shape)) return live;
  const kept = Object.keys(live).filter((key) => key in shape);
  return Object.fromEntries(kept.map((key) => [key, pruned(live[key], shape[key])]));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
