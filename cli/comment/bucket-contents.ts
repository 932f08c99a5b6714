import type { ServerAddress } from "../../live/server-address.ts";
import { type Connection, connect } from "../../provider/server/connection.ts";
import { explain } from "../../provider/server/faults.ts";
import { hasName } from "../../provider/server/read.ts";
import type { BucketContent, BucketContents } from "../../review/removal-changes.ts";
import { entries, holdingsOf, holdingsText } from "../purging/holdings.ts";

/** Where counting a bucket ends. */
export interface CountLimits {
  readonly entries: number;
  /** For all buckets together. */
  readonly milliseconds: number;
}

const COUNT_LIMITS: CountLimits = { entries: 200_000, milliseconds: 30_000 };

const NO_RIGHT =
  "the credentials may not list its versions and uploads (s3:ListBucketVersions, s3:ListBucketMultipartUploads)";

/** Counts what each of these buckets holds on the live server, up to the limits. Reads only; a fault is an answer. */
export async function countContents(
  server: ServerAddress,
  buckets: readonly string[],
  limits: CountLimits = COUNT_LIMITS,
): Promise<BucketContents> {
  const deadline = Date.now() + limits.milliseconds;
  const connection = connect(server, AbortSignal.timeout(Math.max(limits.milliseconds, 0)));
  try {
    const contents = new Map<string, BucketContent>();
    for (const bucket of buckets) contents.set(bucket, await contentOf(connection, bucket, limits.entries, deadline));
    return contents;
  } finally {
    connection.s3.destroy();
  }
}

async function contentOf(server: Connection, bucket: string, limit: number, deadline: number): Promise<BucketContent> {
  if (Date.now() > deadline) return { kind: "unknown", reason: "no time was left for it" };
  let complete = true;
  const goOn = (counted: number): boolean => {
    complete = counted < limit && Date.now() < deadline;
    return complete;
  };
  try {
    const held = await holdingsOf(server, bucket, goOn);
    return { kind: "held", holdings: holdingsText(held), complete, isEmpty: complete && entries(held) === 0 };
  } catch (error) {
    if (hasName(error, "NoSuchBucket")) return { kind: "absent" };
    if (hasName(error, "AccessDenied")) return { kind: "unknown", reason: NO_RIGHT };
    if (server.signal.aborted) return { kind: "unknown", reason: `${server.url} didn't answer in time` };
    return { kind: "unknown", reason: explain(error, server) };
  }
}
