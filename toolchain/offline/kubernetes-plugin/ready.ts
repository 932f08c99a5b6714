import { setTimeout } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import type { KubernetesObject } from "./object.ts";

const SKIP = "pulumi.com/skipAwait";
/** Of the official plugin: a Job that isn't ready is made again by the next update. */
export const REPLACE_UNREADY = "pulumi.com/replaceUnready";
const POLL_MS = 500;
/** Seconds the official plugin waits. */
const LIMIT = 600;

type Status = Record<string, unknown>;
/** `ready`, or in a few words what it waits for; failed for good is an error. */
type Verdict = { readonly ready: true } | { readonly waitsFor: string } | { readonly failed: string };

const READY: Readonly<Record<string, (object: KubernetesObject) => Verdict>> = {
  Deployment: ({ spec, status, metadata }) => replicas(spec as Status, status as Status, metadata, "availableReplicas"),
  StatefulSet: ({ spec, status, metadata }) => replicas(spec as Status, status as Status, metadata, "readyReplicas"),
  Job: ({ spec, status }) => job(spec as Status, status as Status),
  PersistentVolumeClaim: ({ status }) => {
    const phase = String((status as Status | undefined)?.phase ?? "Pending");
    return phase === "Bound" ? { ready: true } : { waitsFor: `a volume (it is ${phase})` };
  },
};

/** Raised when an object was written and didn't become ready; the object is there. */
export class NotReady extends Error {
  readonly live: KubernetesObject;

  constructor(message: string, live: KubernetesObject) {
    super(message);
    this.live = live;
  }
}

/**
 * Waits until an object works: pods of a Deployment or StatefulSet, completion of a Job, a volume for a claim. A claim
 * whose storage class waits for its first consumer isn't waited for.
 * @param seconds 0 is the usual limit
 * @returns the object as it was then
 * @throws NotReady with events and the state of containers
 */
export async function untilReady(
  cluster: Cluster,
  object: KubernetesObject,
  { seconds, signal, say }: { seconds: number; signal: AbortSignal; say: (line: string) => void },
): Promise<KubernetesObject> {
  const judge = READY[object.kind];
  if (judge === undefined || isSkipped(object)) return object;
  if (object.kind === "PersistentVolumeClaim" && (await waitsForConsumer(cluster, object))) return object;
  const deadline = Date.now() + (seconds > 0 ? seconds : LIMIT) * 1000;
  let last = "";
  for (let live = object; ; ) {
    const verdict = judge(live);
    if ("ready" in verdict) return live;
    const words = "failed" in verdict ? verdict.failed : `waits for ${verdict.waitsFor}`;
    if ("failed" in verdict || Date.now() > deadline || signal.aborted) {
      throw await notReady(cluster, live, words);
    }
    if (words !== last) say(words);
    last = words;
    await setTimeout(POLL_MS, undefined, { signal }).catch(() => undefined);
    live = (await cluster.read(live)) ?? live;
  }
}

/**
 * A look without waiting: a Job that failed never becomes ready, whatever else isn't ready may be so in a moment.
 * @throws NotReady with events and the state of containers
 */
export async function refuseFailed(cluster: Cluster, live: KubernetesObject): Promise<void> {
  if (live.kind !== "Job" || isSkipped(live)) return;
  const why = failureOf(live.status as Status | undefined);
  if (why !== undefined) throw await notReady(cluster, live, why);
}

/** True for a Job that failed, by its last seen state, and whose inputs ask that it then be made again. */
export function isToBeReplaced({ status }: KubernetesObject, { kind, metadata }: KubernetesObject): boolean {
  const asks = metadata.annotations?.[REPLACE_UNREADY] === "true";
  return kind === "Job" && asks && failureOf(status as Status | undefined) !== undefined;
}

async function notReady(cluster: Cluster, live: KubernetesObject, words: string): Promise<NotReady> {
  const name = `${live.kind} ${live.metadata.namespace}/${live.metadata.name}`;
  // Whoever may not list pods learns the reason without them.
  const more = await circumstances(cluster, live).catch(() => "");
  return new NotReady(`${name} ${words}${more}`, live);
}

function isSkipped({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.[SKIP] === "true";
}

function replicas(
  spec: Status,
  status: Status | undefined,
  { generation }: KubernetesObject["metadata"],
  counted: string,
): Verdict {
  const wanted = Number(spec.replicas ?? 1);
  const [updated, ready] = [Number(status?.updatedReplicas ?? 0), Number(status?.[counted] ?? 0)];
  if (status?.observedGeneration !== generation) return { waitsFor: "the controller" };
  if (updated < wanted) return { waitsFor: `${wanted - updated} of ${wanted} pods to be updated` };
  return ready < wanted ? { waitsFor: `${wanted - ready} of ${wanted} pods to be ready` } : { ready: true };
}

function job(spec: Status, status: Status | undefined): Verdict {
  const failed = failureOf(status);
  if (failed !== undefined) return { failed };
  if (condition(status, "Complete") !== undefined || spec.suspend === true) return { ready: true };
  return { waitsFor: "its pods to complete" };
}

/** Why a Job has failed for good; undefined where it hasn't. */
function failureOf(status: Status | undefined): string | undefined {
  const failed = condition(status, "Failed");
  return failed && `failed: ${failed.message ?? "no reason given"}`;
}

function condition(status: Status | undefined, type: string): { message?: string } | undefined {
  const conditions = (status?.conditions ?? []) as { type: string; status: string; message?: string }[];
  return conditions.find((each) => each.type === type && each.status === "True");
}

async function waitsForConsumer(cluster: Cluster, { spec }: KubernetesObject): Promise<boolean> {
  const name = (spec as { storageClassName?: string }).storageClassName;
  if (name === undefined) return false;
  const found = await cluster.read({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name } });
  return found?.volumeBindingMode === "WaitForFirstConsumer";
}

/** What the events and containers of an object's pods say, for a message that teaches. */
async function circumstances(cluster: Cluster, object: KubernetesObject): Promise<string> {
  const { namespace, name = "" } = object.metadata;
  const pods = (await cluster.list("v1", "Pod", namespace)).filter((pod) => isOf(pod, object));
  const names = [name, ...pods.map(({ metadata }) => String(metadata.name))];
  const events = (await cluster.list("v1", "Event", namespace)).filter((event) => {
    const { name: about = "" } = event.involvedObject as { name?: string };
    // Claims of a StatefulSet's pods end in the pod's name.
    const concerns = about.startsWith(`${name}-`) || names.some((each) => about === each || about.endsWith(`-${each}`));
    return event.type === "Warning" && concerns;
  });
  const lines = [...pods.flatMap(containers), ...events.map(({ message, reason }) => `${reason}: ${message}`)];
  return [...new Set(lines)]
    .slice(-8)
    .map((line) => `\n  ${line}`)
    .join("");
}

function isOf({ metadata }: KubernetesObject, owner: KubernetesObject): boolean {
  const owners = (metadata.ownerReferences ?? []) as { uid: string; name: string }[];
  return owners.some(({ uid, name }) => uid === owner.metadata.uid || name.startsWith(`${owner.metadata.name}-`));
}

interface ContainerStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly state?: Readonly<Record<string, { reason?: string; message?: string; exitCode?: number }>>;
}

function containers({ metadata, status }: KubernetesObject): string[] {
  const {
    initContainerStatuses = [],
    containerStatuses = [],
    conditions = [],
  } = (status ?? {}) as {
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
    conditions?: { type: string; status: string; message?: string }[];
  };
  const unscheduled = conditions.filter(({ type, status: held }) => type === "PodScheduled" && held === "False");
  return [
    ...unscheduled.map(({ message = "" }) => `pod ${metadata.name} has no node: ${message}`),
    ...[...initContainerStatuses, ...containerStatuses]
      .filter(({ ready, state }) => !ready && state?.running === undefined && state?.terminated?.exitCode !== 0)
      .map(({ name, state = {} }) => {
        const [how = "unknown", why] = Object.entries(state)[0] ?? [];
        const text = [why?.reason, why?.message].filter(Boolean).join(": ");
        return `container ${name} of pod ${metadata.name} is ${how}${text === "" ? "" : ` (${text})`}`;
      }),
  ];
}
