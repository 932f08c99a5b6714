import { json } from "./answers.ts";
import { type BucketDocument, DOCUMENTS, joined } from "./documents.ts";
import { exported } from "./export.ts";
import { answerFault, codeOf } from "./faults.ts";
import type { LiveBucket, LiveServer, Look } from "./live-server.ts";
import { listsEveryBucket } from "./own-rights.ts";
import { ReadError } from "./read-error.ts";
import type { Reader } from "./reader.ts";
import { child, children, childText, parseXml } from "./xml.ts";

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
  const list = await reader.look(() => bucketNames(reader));
  const listed = "value" in list ? list.value : [];
  const names = [...new Set([...(whole?.keys() ?? []), ...listed, ...wanted])].sort();
  const buckets = new Map<string, Look<LiveBucket | null>>();
  const alone = names.filter((name) => !whole?.has(name));
  for (const [name, bucket] of whole ?? []) buckets.set(name, { value: bucket });
  const looks = await reader.lookAtEach(alone, (name) => readBucket(reader, name));
  for (const [index, name] of alone.entries()) buckets.set(name, looks[index] as Look<LiveBucket | null>);
  if (!("value" in list)) return { buckets, bucketList: list };
  const bucketList: Look<true> = whole ? { value: true } : await reader.look(() => provenWhole(reader));
  return { buckets: new Map([...buckets].sort(([a], [b]) => (a < b ? -1 : 1))), bucketList };
}

/** Names of all buckets that the credentials may know of. @throws ReadError */
async function bucketNames(reader: Reader): Promise<string[]> {
  const answer = await reader.answer(reader.wire.service());
  const list = answer.status === 200 ? parseXml(answer.body, "ListAllMyBucketsResult") : undefined;
  if (list === undefined) throw answerFault(answer, reader.server, "the list of buckets");
  return children(child(list, "Buckets"), "Bucket").map((each) => childText(each, "Name") ?? "");
}

/** MinIO leaves out of the list, without a word, what the credentials may not read. @throws ReadError */
async function provenWhole(reader: Reader): Promise<true> {
  const answer = await reader.answer(reader.wire.admin("accountinfo"));
  const account = answer.status === 200 ? json(answer.body) : undefined;
  if (account === undefined) throw answerFault(answer, reader.server, "its own rights");
  if (listsEveryBucket(account, reader.server.accessKey)) return true;
  const reason =
    "the list of buckets may lack some: it can't be proven that the credentials may s3:ListAllMyBuckets; use a user with docs/scanner-policy.json";
  throw new ReadError(reason, false);
}

/**
 * @returns null only when the server itself says `NoSuchBucket`
 * @throws ReadError when any part of it can't be read
 */
async function readBucket(reader: Reader, bucket: string): Promise<LiveBucket | null> {
  const parts = await Promise.allSettled(DOCUMENTS.map((document) => ask(reader, bucket, document)));
  for (const part of parts) if (part.status === "rejected") throw part.reason;
  const read = parts.flatMap((part) => (part.status === "fulfilled" && part.value !== undefined ? [part.value] : []));
  return read.length < DOCUMENTS.length ? null : joined(read);
}

async function ask(reader: Reader, bucket: string, { query, none, read, what }: BucketDocument) {
  const { wire, server } = reader;
  const admin = () => wire.admin("get-bucket-quota", { bucket });
  const answer = await reader.answer(query === undefined ? admin() : wire.bucket(bucket, query));
  const code = codeOf(answer);
  if (answer.status === 404 && code === "NoSuchBucket") return undefined;
  if (none !== undefined && code === none) return {};
  const part = answer.status === 200 ? read(answer.body) : undefined;
  if (part === undefined) throw answerFault(answer, server, what);
  return part;
}
