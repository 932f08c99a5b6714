import type { BucketSettings } from "../bucket-types.ts";
import { canonicalSettings } from "../canonical.ts";
import { adminCall } from "./admin.ts";
import { failure, readText } from "./bucket-document.ts";
import type { Connection } from "./connection.ts";
import { type BucketDocument, DOCUMENTS } from "./documents.ts";
import { exported } from "./exported.ts";
import { readNotifications } from "./notifications.ts";

export interface ReadOptions {
  /** @default false */
  readonly notifications?: boolean;
}

/**
 * Every setting of one bucket, in canonical form.
 * @param options whether its notifications are asked for, which not every deployer may
 * @returns undefined only when MinIO itself says `NoSuchBucket`
 * @throws every other fault: an outage or a refusal is never taken for an absent bucket or setting
 */
export async function readSettings(
  server: Connection,
  bucket: string,
  options: ReadOptions = {},
): Promise<BucketSettings | undefined> {
  try {
    const [parts, notifications] = await Promise.all([
      readParts(server, bucket),
      // Not by the export: it tells rules whose target the server no longer has, too.
      options.notifications ? readNotifications(server, bucket) : undefined,
    ]);
    const none: BucketSettings = { versioning: false, tags: {}, lifecycle: [] };
    return canonicalSettings(Object.assign(none, ...parts, notifications !== undefined && { notifications }));
  } catch (error) {
    if (hasName(error, "NoSuchBucket")) return undefined;
    throw error;
  }
}

async function readParts(server: Connection, bucket: string): Promise<Partial<BucketSettings>[]> {
  const all = await exported(server, bucket);
  return all ?? Promise.all(DOCUMENTS.map((document) => readPart(server, bucket, document)));
}

async function readPart(
  server: Connection,
  bucket: string,
  { query, none, read }: BucketDocument,
): Promise<Partial<BucketSettings>> {
  const asked =
    query === undefined ? adminCall(server, "GET", "get-bucket-quota", { bucket }) : readText(server, bucket, query);
  const body = none === undefined ? await asked : await absent(none, asked);
  if (body === undefined) return {};
  const part = read(body);
  if (part === undefined) throw failure(body, 200);
  return part;
}

export function hasName(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

/** Undefined where the server answers with this code. */
export async function absent<T>(code: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasName(error, code)) return undefined;
    throw error;
  }
}
