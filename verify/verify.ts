import { bucketInputs } from "../builders/bucket-inputs.ts";
import type { Bucket, ResolvedModel } from "../config/model.ts";
import { probe, readBucket, readTiers } from "../live/bucket-settings.ts";
import { type ServerAddress, Wire } from "../live/client.ts";
import { compareSettings, type Difference } from "../live/compare-settings.ts";
import { urlOf } from "../live/faults.ts";
import { ReadError } from "../live/read-error.ts";

export type Finding = { readonly bucket: string; readonly platform: string } & Difference;

/** A bucket that could not be looked at: neither right nor wrong. */
export interface NotRead {
  readonly bucket: string;
  readonly platform: string;
  /** One sentence. */
  readonly reason: string;
}

/** A lifecycle rule that waits for its tier: neither right nor wrong, and on no server yet. */
export interface WaitingRule {
  readonly bucket: string;
  readonly platform: string;
  readonly rule: string;
  readonly tier: string;
}

export interface VerifyReport {
  readonly stage: string;
  /** URL of the server that was looked at. */
  readonly server: string;
  /** Buckets of the model. */
  readonly buckets: number;
  /** In the order of the model. */
  readonly findings: readonly Finding[];
  readonly notRead: readonly NotRead[];
  readonly waiting: readonly WaitingRule[];
}

export interface VerifyOptions {
  /** Called after each bucket. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Buckets that are read at the same time. */
const CONCURRENCY = 16;

type Look =
  | { readonly findings: readonly Finding[]; readonly waiting: readonly WaitingRule[] }
  | { readonly notRead: NotRead };

/**
 * Compares every bucket of the model with the live server, read by a client that is not the provider's. Read-only.
 * Buckets that no platform of the model names are not looked at.
 * @throws ReadError when the server as a whole can't be looked at: unreachable, refusing, not MinIO
 */
export async function verifyStage(
  model: ResolvedModel,
  server: ServerAddress,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const buckets = model.platforms.flatMap((platform) => platform.buckets);
  const wire = new Wire(server);
  try {
    await probe(wire, server);
    const moves = buckets.some(({ lifecycle }) => lifecycle.some(({ transition }) => transition !== null));
    const tiers = moves ? await readTiers(wire, server) : new Set<string>();
    const lookAt = (bucket: Bucket) => look(wire, server, bucket, { stage: model.stage, tiers });
    const looks = await lookAtAll(buckets, lookAt, wire, server, options);
    const notRead = looks.flatMap((each) => ("notRead" in each ? [each.notRead] : []));
    const [first] = notRead;
    if (first !== undefined && notRead.length === buckets.length && notRead.every((e) => e.reason === first.reason)) {
      throw new ReadError(`none of ${buckets.length} buckets could be read: ${first.reason}`, true);
    }
    const findings = looks.flatMap((each) => ("findings" in each ? each.findings : []));
    const waiting = looks.flatMap((each) => ("waiting" in each ? each.waiting : []));
    return { stage: model.stage, server: urlOf(server), buckets: buckets.length, findings, notRead, waiting };
  } finally {
    wire.close();
  }
}

async function look(
  wire: Wire,
  server: ServerAddress,
  bucket: Bucket,
  { stage, tiers }: { stage: string; tiers: ReadonlySet<string> },
): Promise<Look> {
  const { name, platform } = bucket;
  const held = await readBucket(wire, server, name);
  const waiting = bucket.lifecycle.flatMap(({ id, transition }): WaitingRule[] =>
    transition === null || tiers.has(transition.tier)
      ? []
      : [{ bucket: name, platform, rule: id, tier: transition.tier }],
  );
  const lifecycle = bucket.lifecycle.filter(({ id }) => !waiting.some(({ rule }) => rule === id));
  const differences: Difference[] =
    held === undefined
      ? [{ setting: "bucket", path: "bucket", expected: "present", actual: "missing" }]
      : compareSettings(bucketInputs({ ...bucket, lifecycle }, stage), held);
  return { findings: differences.map((each) => ({ bucket: name, platform, ...each })), waiting };
}

/** When the server goes away midway, the rest isn't asked one by one. */
async function lookAtAll(
  buckets: readonly Bucket[],
  lookAt: (bucket: Bucket) => Promise<Look>,
  wire: Wire,
  server: ServerAddress,
  { onProgress }: VerifyOptions,
): Promise<Look[]> {
  const looks: Look[] = [];
  let next = 0;
  let done = 0;
  let gone: ReadError | undefined;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < buckets.length; index = next++) {
      const bucket = buckets[index] as Bucket;
      try {
        if (gone !== undefined) throw gone;
        looks[index] = await lookAt(bucket);
      } catch (error) {
        if (!(error instanceof ReadError)) throw error;
        if (error.everywhere) gone ??= await failureOf(probe(wire, server));
        looks[index] = { notRead: { bucket: bucket.name, platform: bucket.platform, reason: error.message } };
      }
      onProgress?.(++done, buckets.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, buckets.length) }, worker));
  return looks;
}

async function failureOf(work: Promise<void>): Promise<ReadError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof ReadError) return error;
    throw error;
  }
}
