import { z } from "zod";
import type { Connection } from "../../provider/server/connection.ts";
import type { Update } from "../history/updates.ts";
import { entries } from "../purging/holdings.ts";
import { BUCKET } from "../recovery/recovery-plan.ts";
import { removable } from "./failed.ts";
import { heldBy } from "./held.ts";
import { type Leftover, reported } from "./leftover.ts";

const checkpoint = z.object({
  checkpoint: z.object({
    latest: z
      .object({ resources: z.array(z.object({ type: z.string(), id: z.string().optional() })).nullish() })
      .nullish(),
  }),
});

/** Names of the buckets that the stack had and hasn't any more -> when the update ended that let each go. */
export async function releases(updates: readonly Update[]): Promise<ReadonlyMap<string, Date>> {
  const gone = new Map<string, Date>();
  let before: readonly string[] = [];
  for (const update of updates) {
    const now = bucketsIn(await update.state());
    if (now === undefined) continue;
    for (const bucket of before) if (!now.includes(bucket)) gone.set(bucket, update.ended);
    for (const bucket of now) gone.delete(bucket);
    before = now;
  }
  return gone;
}

/** Undefined where the state is damaged: it says nothing. */
function bucketsIn(state: string): string[] | undefined {
  try {
    const { checkpoint: found } = checkpoint.parse(JSON.parse(state));
    return (found.latest?.resources ?? []).flatMap(({ type, id }) => (type === BUCKET && id !== undefined ? [id] : []));
  } catch {
    return undefined;
  }
}

/**
 * Buckets that the stack let go before `limit`, that no spec declares and that are still on the server.
 * @param made when the server made each of its buckets: one made after the release is somebody else's
 */
export async function releasedBuckets(
  server: Connection,
  gone: ReadonlyMap<string, Date>,
  declared: ReadonlySet<string>,
  made: ReadonlyMap<string, Date>,
  limit: Date,
): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for (const [bucket, released] of [...gone].sort()) {
    const born = made.get(bucket);
    if (born === undefined || born > released || released >= limit || declared.has(bucket)) continue;
    const { held, text } = await heldBy(server, bucket);
    const what = `bucket that left the stack ${released.toISOString()}, ${text}`;
    const about = { kind: "released", bucket, what, count: 1, bytes: held.bytes } as const;
    const way = `it holds data: declare it again with on_delete: purge and adopt: true, then bucketworks purge ${bucket}`;
    found.push(entries(held) > 0 ? reported(about, way) : removable(about));
  }
  return found;
}
