import type { Bucket } from "../config/model.ts";
import {
  type BucketDocument,
  DOCUMENTS,
  joined,
  NOTIFICATIONS,
  REPLICATION_DOCUMENT,
  SETTING_DOCUMENTS,
} from "./documents.ts";
import { exported } from "./exported-buckets.ts";
import { answerFault, codeOf } from "./faults.ts";
import { jsonIn } from "./json.ts";
import { listBuckets } from "./list-buckets.ts";
import type { LiveBucket, LiveServer, Look } from "./live-server.ts";
import { listsEveryBucket } from "./own-rights.ts";
import { ReadError } from "./read-error.ts";
import type { Reader } from "./reader.ts";

/**
 * Every bucket with its settings: in one answer where the credentials may have that, else one by one.
 * @param wanted buckets that are asked for whether they are in the list or not: only the server's word that one isn't
 * there counts
 */
export async function readBuckets(
  reader: Reader,
  wanted: readonly string[],
): Promise<Pick<LiveServer, "buckets" | "bucketList">> {
  const whole = await exported(reader);
  const list = await reader.look(async () => (await listBuckets(reader)).map(({ name }) => name));
  const listed = "value" in list ? list.value : [];
  const names = [...new Set([...(whole?.keys() ?? []), ...listed, ...wanted])].sort();
  const buckets = new Map<string, Look<LiveBucket | null>>();
  const alone = names.filter((name) => !whole?.has(name));
  for (const [name, bucket] of whole ?? []) buckets.set(name, { value: bucket });
  const looks = await reader.lookAtEach(alone, (name) => readBucket(reader, name, DOCUMENTS));
  for (const [index, name] of alone.entries()) buckets.set(name, looks[index] as Look<LiveBucket | null>);
  if (!("value" in list)) return { buckets, bucketList: list };
  const bucketList: Look<true> = whole ? { value: true } : await reader.look(() => provenWhole(reader));
  return { buckets: new Map([...buckets].sort(([a], [b]) => (a < b ? -1 : 1))), bucketList };
}

/** One answer of the server about a bucket. */
export interface BucketAnswer {
  /** The setting that was asked for. */
  readonly what: string;
  readonly milliseconds: number;
  readonly requestId: string | undefined;
}

/**
 * These buckets with the settings that their model knows and no more: a look each, in their order.
 * @param copied buckets whose replication is read too
 * @param onAnswer told of each answer
 */
export function readBucketSettings(
  reader: Reader,
  buckets: readonly Pick<Bucket, "name" | "notifications">[],
  copied: ReadonlySet<string>,
  onAnswer?: (bucket: string, answer: BucketAnswer) => void,
): Promise<Look<LiveBucket | null>[]> {
  return reader.lookAtEach(buckets, ({ name, notifications }) => {
    const more = [
      ...(notifications === null ? [] : [NOTIFICATIONS]),
      ...(copied.has(name) ? [REPLICATION_DOCUMENT] : []),
    ];
    return readBucket(reader, name, [...SETTING_DOCUMENTS, ...more], onAnswer);
  });
}

/** MinIO leaves out of the list, without a word, what the credentials may not read. @throws ReadError */
async function provenWhole(reader: Reader): Promise<true> {
  const { client } = reader;
  const account = await reader.read(client.admin("accountinfo"), { what: "their own rights" }, jsonIn);
  if (listsEveryBucket(account, client.server.accessKey)) return true;
  const reason =
    "the list of buckets may lack some: it can't be proven that the credentials may s3:ListAllMyBuckets; use a user with docs/scanner-policy.json";
  throw new ReadError(reason, false);
}

/**
 * @returns null only when the server itself says `NoSuchBucket`
 * @throws ReadError when any part of it can't be read
 */
async function readBucket(
  reader: Reader,
  bucket: string,
  documents: readonly BucketDocument[],
  onAnswer?: (bucket: string, answer: BucketAnswer) => void,
): Promise<LiveBucket | null> {
  const parts = await Promise.allSettled(documents.map((document) => ask(reader, bucket, document, onAnswer)));
  for (const part of parts) if (part.status === "rejected") throw part.reason;
  const read = parts.flatMap((part) => (part.status === "fulfilled" && part.value !== undefined ? [part.value] : []));
  return read.length < documents.length ? null : joined(read);
}

async function ask(
  { client }: Reader,
  bucket: string,
  document: BucketDocument,
  onAnswer?: (bucket: string, answer: BucketAnswer) => void,
) {
  const { query, none, read, what } = document;
  const began = performance.now();
  const sent = query === undefined ? client.admin("get-bucket-quota", { bucket }) : client.bucket(bucket, query);
  const answer = await sent;
  onAnswer?.(bucket, { what, milliseconds: performance.now() - began, requestId: answer.requestId });
  const code = codeOf(answer);
  if (answer.status === 404 && code === "NoSuchBucket") return undefined;
  if (none !== undefined && code === none) return {};
  const part = answer.status === 200 ? read(answer.body) : undefined;
  if (part === undefined) throw answerFault(answer, client.server, document);
  return part;
}
