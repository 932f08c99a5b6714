import { createHash } from "node:crypto";
import { type Deployment, type Entry, KIND, type Operation, type Resource, type Versioned } from "./deployment.ts";
import { withoutDangling, withPresentUrns } from "./references.ts";

/** What entries have said since the state that they count from. */
interface Progress {
  base: Deployment;
  /** Made or read by this update, in order; undefined where one was taken away again. */
  made: (Resource | undefined)[];
  /** The place in `made` by the number of the operation. */
  readonly places: Map<number, number>;
  readonly begun: Map<number, Operation>;
  /** Places in the base that are gone, and what stands in others now. */
  readonly gone: Set<number>;
  readonly instead: Map<number, Resource>;
  readonly toDelete: Set<number>;
  readonly toReplace: Set<number>;
  readonly extensions: Map<string, unknown>;
}

/**
 * Replays the journal of an update over the state before it, as Pulumi's own service does (pulumi/pkg/v3/backend,
 * JournalReplayer): what a whole update, or one that was cut off anywhere, has made of that state. Operations that have
 * begun and have no end are pending in it.
 * @param base the state before; it isn't changed
 * @param entries in the order in which they were written; of one that was written twice the first counts
 * @param engine version of the CLI, as `v3.258.0`
 * @throws Error for an entry of a kind or version that is unknown here
 */
export function replay(base: Deployment, entries: readonly Entry[], engine: string, now: Date): Versioned {
  const seen = new Set<number>();
  let progress = startAt(structuredClone(base));
  const flags = { hasRefresh: false, hasByteStrings: false };
  for (const entry of inOrder(entries)) {
    if (seen.has(entry.sequenceID)) continue;
    seen.add(entry.sequenceID);
    if (entry.version !== 1) throw new Error(`an entry of version ${entry.version}; this reads version 1`);
    flags.hasByteStrings ||= entry.requiresByteString === true;
    flags.hasRefresh ||= entry.isRefresh === true || entry.kind === KIND.refreshSuccess;
    if (entry.kind === KIND.rebuiltBaseState) {
      progress = startAt(deploymentOf(progress, flags.hasRefresh, engine, now));
      continue;
    }
    add(progress, entry);
  }
  const deployment = deploymentOf(progress, flags.hasRefresh, engine, now);
  const features = featuresOf(deployment, flags.hasByteStrings);
  return { version: features.length > 0 ? 4 : 3, features, deployment };
}

/** Batches may arrive out of order; numbers tell it. */
function inOrder(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((a, b) => a.sequenceID - b.sequenceID);
}

function startAt(base: Deployment): Progress {
  return {
    base,
    made: [],
    places: new Map(),
    begun: new Map(),
    gone: new Set(),
    instead: new Map(),
    toDelete: new Set(),
    toReplace: new Set(),
    extensions: new Map(),
  };
}

function add(progress: Progress, entry: Entry): void {
  const { made, places, begun, gone, instead } = progress;
  const place = (operation: number): number => places.get(operation) ?? fail(`operation ${operation} made nothing`);
  const { state, removeOld, removeNew } = entry;
  switch (entry.kind) {
    case KIND.begin:
      if (entry.operation) begun.set(entry.operationID, entry.operation);
      return;
    case KIND.failure:
      begun.delete(entry.operationID);
      return;
    case KIND.success:
      begun.delete(entry.operationID);
      if (state) places.set(entry.operationID, made.push(state) - 1);
      if (removeOld != null) gone.add(removeOld);
      if (removeNew != null) made[place(removeNew)] = undefined;
      mark(progress, entry, place);
      return;
    case KIND.refreshSuccess:
      begun.delete(entry.operationID);
      if (removeOld != null && state) instead.set(removeOld, state);
      else if (removeOld != null) gone.add(removeOld);
      if (removeNew != null) made[place(removeNew)] = state ?? undefined;
      return;
    case KIND.outputs:
      if (state && removeOld != null) instead.set(removeOld, state);
      if (state && removeNew != null) made[place(removeNew)] = state;
      return;
    case KIND.write:
      progress.base = entry.newSnapshot ?? {};
      return;
    case KIND.secretsManager:
      progress.base.secrets_providers = entry.secretsProvider;
      return;
    case KIND.snippets:
      progress.base.snippets = entry.snippets ?? [];
      return;
    case KIND.extensionParameterize:
      progress.extensions.set(String(entry.extensionRef), entry.extension);
      return;
    default:
      fail(`an entry of kind ${entry.kind}, which is unknown here`);
  }
}

function mark(progress: Progress, entry: Entry, place: (operation: number) => number): void {
  const { deleteOld, deleteNew, pendingReplacementOld, pendingReplacementNew } = entry;
  if (deleteOld != null) progress.toDelete.add(deleteOld);
  if (pendingReplacementOld != null) progress.toReplace.add(pendingReplacementOld);
  for (const [operation, what] of [
    [deleteNew, { delete: true }],
    [pendingReplacementNew, { pendingReplacement: true }],
  ] as const) {
    if (operation == null) continue;
    const at = place(operation);
    const resource = progress.made[at];
    if (resource) progress.made[at] = { ...resource, ...what };
  }
}

function deploymentOf(progress: Progress, hasRefresh: boolean, engine: string, now: Date): Deployment {
  const { base, made, begun, gone, instead, toDelete, toReplace, extensions } = progress;
  const rest = (base.resources ?? []).flatMap((resource, place): Resource[] => {
    if (gone.has(place)) return [];
    const now = instead.get(place);
    if (now !== undefined) return [now];
    const replaced = toReplace.has(place) && { pendingReplacement: true };
    return [{ ...resource, ...replaced, ...(toDelete.has(place) && { delete: true }) }];
  });
  const all = [...made.filter((resource) => resource !== undefined), ...rest];
  // The engine leaves creations of before to a person: they stay until recover has settled them.
  const before = (base.pending_operations ?? []).filter(({ type }) => type === "creating");
  const pending = [...begun.values(), ...before];
  const known = { ...base.extensions, ...Object.fromEntries(extensions) };
  return {
    manifest: { time: now.toISOString(), magic: createHash("sha256").update(engine).digest("hex"), version: engine },
    ...(base.secrets_providers !== undefined && { secrets_providers: base.secrets_providers }),
    resources: withPresentUrns(hasRefresh ? withoutDangling(all) : all),
    ...(pending.length > 0 && { pending_operations: pending }),
    metadata: base.metadata ?? {},
    ...(base.snippets !== undefined && base.snippets.length > 0 && { snippets: base.snippets }),
    ...(Object.keys(known).length > 0 && { extensions: known }),
  };
}

/** What an older CLI must know to read it (stack.ApplyFeatures). */
function featuresOf({ resources = [], pending_operations = [], snippets = [] }: Deployment, bytes: boolean): string[] {
  const features = new Set<string>(bytes ? ["byteString"] : []);
  if (snippets.length > 0) features.add("snippets-prototype");
  for (const each of [...resources, ...pending_operations.map(({ resource }) => resource)]) {
    if (each.refreshBeforeUpdate) features.add("refreshBeforeUpdate");
    if (each.viewOf) features.add("views");
    if (each.resourceHooks && Object.keys(each.resourceHooks).length > 0) features.add("hooks");
    if (each.taint) features.add("taint");
    if (each.replaceWith && each.replaceWith.length > 0) features.add("replaceWith");
    if (each.extensionRef) features.add("extensionParameterization");
    if (each.snippetID) features.add("snippets-prototype");
  }
  return [...features].sort();
}

function fail(what: string): never {
  throw new Error(what);
}
