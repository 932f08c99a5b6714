import { jsonIn } from "./json.ts";
import type { Reader } from "./reader.ts";

/** What a bucket holds, as the server's own scanner counted it. */
export interface CountedBucket {
  /** Of all versions. */
  readonly bytes: number;
  readonly objects: number;
  /** Of all objects, the current ones among them. */
  readonly versions: number;
}

/** The last count of the server's scanner, which comes to every object again and again. */
export interface ServerUsage {
  /** ISO 8601, when the count was written down. */
  readonly at: string;
  readonly buckets: ReadonlyMap<string, CountedBucket>;
}

/** What the server counted; null where it is too young to have counted anything. @throws ReadError */
export async function serverUsage(reader: Reader): Promise<ServerUsage | null> {
  const asked = { what: "usage", right: "admin:DataUsageInfo" };
  const { lastUpdate, bucketsUsageInfo } = await reader.read(reader.client.admin("datausageinfo"), asked, jsonIn);
  const at = new Date(String(lastUpdate));
  if (Number.isNaN(at.getTime()) || at.getUTCFullYear() < 2000) return null;
  const buckets = Object.entries((bucketsUsageInfo ?? {}) as Record<string, Record<string, unknown>>).map(
    ([name, { size, objectsCount, versionsCount }]): [string, CountedBucket] => [
      name,
      { bytes: count(size), objects: count(objectsCount), versions: count(versionsCount) },
    ],
  );
  return { at: at.toISOString(), buckets: new Map(buckets) };
}

/** Which program the server runs; the oldest release of a cluster. @throws ReadError */
export async function serverVersion(reader: Reader): Promise<{ readonly kind: string; readonly version: string }> {
  const asked = { what: "its version", right: "admin:ServerInfo" };
  const { servers } = await reader.read(reader.client.admin("info"), asked, jsonIn);
  const versions = ((servers ?? []) as Record<string, unknown>[]).map(({ version, commitID }) =>
    [version, commitID].filter((part) => typeof part === "string" && part !== "").join(" "),
  );
  return { kind: "MinIO", version: versions.sort()[0] ?? "" };
}

function count(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}
