import type { ResolvedModel } from "../../config/model.ts";
import { readCopying } from "../../live/read-copying.ts";
import { ReadError } from "../../live/read-error.ts";
import { withReader } from "../../live/reader.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import type { Report } from "../../report/schema.ts";

/** How far the copies of replicated buckets are behind, as the server itself counts. */
export async function replicationSeen(
  { platforms }: ResolvedModel,
  server: ServerAddress,
): Promise<Report["replication"]> {
  const copied = platforms.flatMap(({ buckets }) => buckets).filter(({ replication }) => replication.length > 0);
  if (copied.length === 0) return { reason: "no bucket is copied to another server" };
  const names = copied.map(({ name }) => name);
  try {
    const looks = await withReader(server, {}, (reader) => readCopying(reader, names));
    const entries = copied.map(({ name, platform }, index) => {
      const look = looks[index];
      if (look === undefined || !("value" in look)) throw new ReadError(look?.reason ?? "it wasn't asked", false);
      const { queued, failed, answers } = look.value;
      return {
        ...{ name, platform, answers, queued_objects: queued.objects, queued_bytes: queued.bytes },
        ...{ failed_objects: failed.objects, failed_bytes: failed.bytes },
      };
    });
    return { entries };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return { reason: `replication can't be looked at: ${error.message}` };
  }
}
