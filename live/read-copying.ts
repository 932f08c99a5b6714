import { jsonIn, listIn } from "./json.ts";
import type { Look } from "./live-server.ts";
import type { Reader } from "./reader.ts";

/** A number of objects, and their bytes. */
export interface Amount {
  readonly objects: number;
  readonly bytes: number;
}

/** How far a bucket's copies on other servers are behind. */
export interface Copying {
  /** Waiting to be sent. */
  readonly queued: Amount;
  /** Tries of the last hour that failed, also where a later one succeeded. */
  readonly failed: Amount;
  /** Whether every server that it is copied to answered when it was last asked, within a minute. */
  readonly answers: boolean;
}

/** A look at each of these buckets, in their order. @throws ReadError when the server doesn't tell its targets */
export async function readCopying(reader: Reader, buckets: readonly string[]): Promise<Look<Copying>[]> {
  const asked = { what: "replication targets", right: "admin:GetBucketTarget" };
  const sent = reader.client.admin("list-remote-targets", { bucket: "", type: "" });
  const away = new Set(
    ((await reader.read(sent, asked, listIn)) as { sourcebucket?: unknown; isOnline?: unknown }[])
      .filter(({ isOnline }) => isOnline === false)
      .map(({ sourcebucket }) => sourcebucket),
  );
  return reader.lookAtEach(buckets, async (bucketName) => {
    const answer = reader.client.send({ bucketName, query: { "replication-metrics": "2" } });
    const what = { what: `replication of ${bucketName}`, right: "s3:GetReplicationConfiguration" };
    const { currStats } = await reader.read(answer, what, jsonIn);
    const { queued, failed } = (currStats ?? {}) as Record<string, Record<string, unknown> | undefined>;
    return { queued: amount(queued?.curr), failed: amount(failed?.lastHour), answers: !away.has(bucketName) };
  });
}

function amount(given: unknown): Amount {
  const { count, bytes } = (given ?? {}) as { count?: unknown; bytes?: unknown };
  return { objects: Number(count ?? 0), bytes: Number(bytes ?? 0) };
}
