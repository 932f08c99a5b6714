import type { ResolvedModel } from "../config/model.ts";
import { compareBucket, type WaitingRule } from "../live/compare-bucket.ts";
import type { Difference } from "../live/compare-settings.ts";
import { type BucketAnswer, readBucketSettings } from "../live/read-buckets.ts";
import { ReadError } from "../live/read-error.ts";
import { remoteTiers } from "../live/read-lists.ts";
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
  const { looks, tiers } = await withReader(server, options, async (reader) => {
    const moves = buckets.some(({ lifecycle }) => lifecycle.some(({ transition }) => transition !== null));
    const tiers = new Set(moves ? (await remoteTiers(reader)).map(({ name }) => name) : []);
    return {
      tiers,
      looks: await readBucketSettings(reader, buckets, options.onAnswer),
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
    const { differences, waiting: waits } = compareBucket(bucket, model.stage, look.value, tiers);
    findings.push(...differences.map((each) => ({ ...about, ...each })));
    waiting.push(...waits);
  }
  const reasons = new Set(notRead.map(({ reason }) => reason));
  if (notRead.length > 0 && notRead.length === buckets.length && reasons.size === 1) {
    throw new ReadError(`none of ${buckets.length} buckets could be read: ${[...reasons].join()}`, true);
  }
  return { stage: model.stage, server: urlOf(server), buckets: buckets.length, findings, notRead, waiting };
}
