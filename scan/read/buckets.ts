import { json } from "../../verify/answers.ts";
import { CouldNotLook } from "../../verify/could-not-look.ts";
import { answerFault, codeOf } from "../../verify/faults.ts";
import { child, children, childText, parseXml } from "../../verify/xml.ts";
import type { LiveBucket, LiveServer, Look } from "../server.ts";
import { type BucketDocument, DOCUMENTS, joined } from "./documents.ts";
import { exported } from "./export.ts";
import type { Looker } from "./looker.ts";
import { listsEveryBucket } from "./own-rights.ts";

/**
 * Every bucket with its settings: in one answer where the credentials may have that, else one by one.
 * @param wanted buckets that are asked for whether they are in the list or not: only the server's word that one isn't
 * there counts
 */
export async function readBuckets(
  looker: Looker,
  wanted: readonly string[],
): Promise<Pick<LiveServer, "buckets" | "bucketList">> {
  const whole = await exported(looker);
  const list = await looker.look(() => bucketNames(looker));
  const listed = "value" in list ? list.value : [];
  const names = [...new Set([...(whole?.keys() ?? []), ...listed, ...wanted])].sort();
  const buckets = new Map<string, Look<LiveBucket | null>>();
  const alone = names.filter((name) => !whole?.has(name));
  for (const [name, bucket] of whole ?? []) buckets.set(name, { value: bucket });
  const looks = await looker.lookAtEach(alone, (name) => readBucket(looker, name));
  for (const [index, name] of alone.entries()) buckets.set(name, looks[index] as Look<LiveBucket | null>);
  if (!("value" in list)) return { buckets, bucketList: list };
  const bucketList: Look<true> = whole ? { value: true } : await looker.look(() => provenWhole(looker));
  return { buckets: new Map([...buckets].sort(([a], [b]) => (a < b ? -1 : 1))), bucketList };
}

/** Names of all buckets that the credentials may know of. @throws CouldNotLook */
async function bucketNames(looker: Looker): Promise<string[]> {
  const answer = await looker.answer(looker.wire.service());
  const list = answer.status === 200 ? parseXml(answer.body, "ListAllMyBucketsResult") : undefined;
  if (list === undefined) throw answerFault(answer, looker.server, "the list of buckets");
  return children(child(list, "Buckets"), "Bucket").map((each) => childText(each, "Name") ?? "");
}

/** MinIO leaves out of the list, without a word, what the credentials may not read. @throws CouldNotLook */
async function provenWhole(looker: Looker): Promise<true> {
  const answer = await looker.answer(looker.wire.admin("accountinfo"));
  const account = answer.status === 200 ? json(answer.body) : undefined;
  if (account === undefined) throw answerFault(answer, looker.server, "its own rights");
  if (listsEveryBucket(account, looker.server.accessKey)) return true;
  const reason =
    "the list of buckets may lack some: it can't be proven that the credentials may s3:ListAllMyBuckets; use a user with docs/scanner-policy.json";
  throw new CouldNotLook(reason, false);
}

/**
 * @returns null only when the server itself says `NoSuchBucket`
 * @throws CouldNotLook when any part of it can't be read
 */
async function readBucket(looker: Looker, bucket: string): Promise<LiveBucket | null> {
  const parts = await Promise.allSettled(DOCUMENTS.map((document) => ask(looker, bucket, document)));
  for (const part of parts) if (part.status === "rejected") throw part.reason;
  const read = parts.flatMap((part) => (part.status === "fulfilled" && part.value !== undefined ? [part.value] : []));
  return read.length < DOCUMENTS.length ? null : joined(read);
}

async function ask(looker: Looker, bucket: string, { query, none, read, what }: BucketDocument) {
  const { wire, server } = looker;
  const admin = () => wire.admin("get-bucket-quota", { bucket });
  const answer = await looker.answer(query === undefined ? admin() : wire.bucket(bucket, query));
  const code = codeOf(answer);
  if (answer.status === 404 && code === "NoSuchBucket") return undefined;
  if (none !== undefined && code === none) return {};
  const part = answer.status === 200 ? read(answer.body) : undefined;
  if (part === undefined) throw answerFault(answer, server, what);
  return part;
}
