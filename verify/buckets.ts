import type { ResolvedModel } from "../config/model.ts";
import type { Remotes } from "../config/stack/remotes.ts";
import { compareBucket, type WaitingRule } from "../live/compare-bucket.ts";
import { compareReplication } from "../live/compare-replication.ts";
import type { Difference } from "../live/compare-settings.ts";
import { type BucketAnswer, readBucketSettings } from "../live/read-buckets.ts";
import { ReadError } from "../live/read-error.ts";
import { remoteTiers, replicationTargets } from "../live/read-lists.ts";
import { type ReaderOptions, withReader } from "../live/reader.ts";
import { type ServerAddress, urlOf } from "../live/server-address.ts";

export type Finding = { readonly bucket: string; readonly platform: string } & Difference;

/** A bucket that could not be looked at: neither right nor wrong. */
export interface NotRead {
  readonly bucket: string;
  readonly platform: string;
  /** One sentence. */
  readonly reason: string;
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

export interface VerifyOptions extends Pick<ReaderOptions, "onProgress"> {
  /** Of the stack; without them nobody knows where buckets shall be copied to, and nobody looks. @default none */
  readonly remotes?: Remotes | undefined;
  /** Told of each answer about a setting. */
  readonly onAnswer?: ((bucket: string, answer: BucketAnswer) => void) | undefined;
}

/**
 * Compares every bucket of the model with the live server. Read-only. Buckets that no platform of the model names are
 * not looked at.
 * @throws ReadError when the server as a whole can't be looked at: unreachable, refusing, not MinIO
 */
export async function verifyStage(
  model: ResolvedModel,
  server: ServerAddress,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const buckets = model.platforms.flatMap((platform) => platform.buckets);
  const { remotes = {} } = options;
  const copied = new Set(
    buckets.flatMap(({ name, replication }) =>
      replication.some(({ to }) => Object.hasOwn(remotes, to)) ? [name] : [],
    ),
  );
  const { looks, tiers, targets } = await withReader(server, options, async (reader) => {
    const moves = buckets.some(({ lifecycle }) => lifecycle.some(({ transition }) => transition !== null));
    const tiers = new Set(moves ? (await remoteTiers(reader)).map(({ name }) => name) : []);
    return {
      tiers,
      targets: copied.size > 0 ? await replicationTargets(reader) : [],
      looks: await readBucketSettings(reader, buckets, copied, options.onAnswer),
    };
  });
  const findings: Finding[] = [];
  const notRead: NotRead[] = [];
  const waiting: WaitingRule[] = [];
  for (const [index, look] of looks.entries()) {
    const bucket = buckets[index] as (typeof buckets)[number];
    const about = { bucket: bucket.name, platform: bucket.platform };
    if (!("value" in look)) {
      notRead.push({ ...about, reason: look.reason });
      continue;
    }
    const { differences: settings, waiting: waits } = compareBucket(bucket, model.stage, look.value, tiers);
    const differences = [...settings];
    if (look.value !== null && copied.has(bucket.name))
      differences.push(...compareReplication(bucket, remotes, look.value.replication, targets));
    findings.push(...differences.map((each) => ({ ...about, ...each })));
    waiting.push(...waits);
  }
  const reasons = new Set(notRead.map(({ reason }) => reason));
  if (notRead.length > 0 && notRead.length === buckets.length && reasons.size === 1) {
    throw new ReadError(`none of ${buckets.length} buckets could be read: ${[...reasons].join()}`, true);
  }
  return { stage: model.stage, server: urlOf(server), buckets: buckets.length, findings, notRead, waiting };
}
