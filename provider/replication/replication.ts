import type { Connection } from "../server/connection.ts";
import { hasName } from "../server/read.ts";
import { addTarget, editTarget, readTargets, removeTarget } from "../server/remote-targets.ts";
import { deleteRules, readRules, writeRules } from "../server/replication-document.ts";
import { planOf } from "./plan.ts";
import { type LiveReplication, placeText, type ReplicationInputs } from "./types.ts";
import { isRefusal, ReplicationError, replicationSentence } from "./words.ts";

/** Something was written, or may have been; `keys` are those of the targets that are there, or may be. */
export class ReplicationPartial extends ReplicationError {
  readonly keys: ReplicationInputs["keys"];

  constructor(message: string, keys: ReplicationInputs["keys"]) {
    super(message);
    this.keys = keys;
  }
}

/** @returns undefined when there is no such bucket */
export async function read(server: Connection, bucket: string): Promise<LiveReplication | undefined> {
  try {
    const targets = await readTargets(server, bucket);
    return { targets, rules: await readRules(server, bucket, targets) };
  } catch (error) {
    if (hasName(error, "NoSuchBucket")) return undefined;
    const why = replicationSentence(error, server);
    throw new ReplicationError(`replication of bucket ${bucket} can't be read: ${why}; nothing was changed`);
  }
}

/**
 * Brings targets and rules of a bucket to the inputs, and writes only what differs.
 * @param seen what the stack last knew of it; undefined for one that is new
 */
export async function converge(
  server: Connection,
  inputs: ReplicationInputs,
  seen?: Pick<ReplicationInputs, "keys">,
): Promise<void> {
  const { bucket, keys } = inputs;
  const live = await read(server, bucket);
  if (live === undefined) throw new ReplicationError(`bucket ${bucket} isn't on ${server.url}; nothing was changed`);
  const plan = planOf(inputs, live, seen);
  if ("why" in plan) throw new ReplicationError(`replication of ${server.url}: ${plan.why}; nothing was changed`);
  const arns = new Map(live.targets.map(({ endpoint, arn }) => [endpoint, arn]));
  const done: ReplicationInputs["keys"] = { ...seen?.keys };
  let changed = false;
  const attempt = async (what: string, work: () => Promise<unknown>, endpoint?: string): Promise<void> => {
    const key = endpoint === undefined ? undefined : keys[endpoint];
    try {
      await work();
    } catch (error) {
      const isSure = isRefusal(error);
      if (!isSure && endpoint !== undefined && key !== undefined) done[endpoint] ??= key;
      const message = `${what}: ${replicationSentence(error, server)}`;
      if (isSure && !changed) throw new ReplicationError(`${message}; nothing was changed`);
      const outcome = isSure ? "what came before it was done" : "the server may have carried it out: run up again";
      throw new ReplicationPartial(`${message}; ${outcome}`, done);
    }
    changed = true;
    if (endpoint !== undefined && key !== undefined) done[endpoint] = key;
  };
  for (const target of plan.add) {
    const what = `bucket ${bucket} can't be copied to ${placeText(target)}`;
    await attempt(
      what,
      async () => arns.set(target.endpoint, await addTarget(server, bucket, target)),
      target.endpoint,
    );
  }
  for (const { arn, target } of plan.edit) {
    const what = `the key of bucket ${bucket} for ${placeText(target)} can't be set`;
    await attempt(what, () => editTarget(server, bucket, arn, target), target.endpoint);
  }
  if (plan.write) {
    const what = `replication rules of bucket ${bucket} can't be written`;
    await attempt(what, () => writeRules(server, bucket, inputs.rules, arns));
  }
  for (const target of plan.remove) {
    const what = `the target ${placeText(target)} of bucket ${bucket} can't be removed`;
    await attempt(what, () => removeTarget(server, bucket, target.arn));
    delete done[target.endpoint];
  }
}

/**
 * Ends the copying: rules and targets go, what was copied stays on both sides. MinIO removes all targets of a bucket with
 * its rules, so nothing is done while it has one that isn't ours.
 */
export async function remove(server: Connection, { bucket, keys = {} }: ReplicationInputs): Promise<void> {
  const live = await read(server, bucket);
  if (live === undefined || live.rules.length + live.targets.length === 0) return;
  const foreign = live.targets.find(({ endpoint }) => !Object.hasOwn(keys, endpoint));
  if (foreign !== undefined) {
    throw new ReplicationError(
      `replication of bucket ${bucket} isn't removed: it has a target ${placeText(foreign)} that isn't this stack's, which MinIO would remove too; remove that one yourself (mc replicate ls and rm), then run up again; nothing was changed`,
    );
  }
  try {
    await deleteRules(server, bucket);
  } catch (error) {
    if (hasName(error, "NoSuchBucket")) return;
    const outcome = isRefusal(error) ? "nothing was changed" : "the server may have carried it out: run up again";
    throw new ReplicationError(
      `replication of bucket ${bucket} can't be removed: ${replicationSentence(error, server)}; ${outcome}`,
    );
  }
}
