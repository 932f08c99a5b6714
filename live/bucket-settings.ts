import type { BucketSettings } from "../provider/settings.ts";
import { type Part, QUESTIONS, type Question } from "./answers.ts";
import type { Answer, ServerAddress, Wire } from "./client.ts";
import type { Held } from "./compare-settings.ts";
import { answerFault, codeOf, networkFault } from "./faults.ts";
import { ReadError } from "./read-error.ts";
import { parseXml } from "./xml.ts";

/**
 * Asks the server for its buckets: it is there, it is MinIO, it takes the credentials. An identity that may not list
 * buckets passes, it may still read them.
 * @throws ReadError
 */
export async function probe(wire: Wire, server: ServerAddress): Promise<void> {
  const answer = await answered(wire.service(), server);
  if (codeOf(answer) === "AccessDenied") return;
  if (answer.status === 200 && parseXml(answer.body, "ListAllMyBucketsResult") !== undefined) return;
  throw answerFault(answer, server, undefined);
}

/**
 * Everything one bucket holds.
 * @returns undefined only when the server itself says `NoSuchBucket`
 * @throws ReadError when any part of it can't be read
 */
export async function readBucket(wire: Wire, server: ServerAddress, bucket: string): Promise<Held | undefined> {
  const parts = await Promise.allSettled(QUESTIONS.map((question) => ask(wire, server, bucket, question)));
  for (const part of parts) if (part.status === "rejected") throw part.reason;
  const read = parts.flatMap((part) => (part.status === "fulfilled" && part.value !== undefined ? [part.value] : []));
  if (read.length < QUESTIONS.length) return undefined;
  const none: BucketSettings = { versioning: false, tags: {}, lifecycle: [] };
  const { beyond = {}, ...settings }: BucketSettings & Part = Object.assign(none, ...read);
  return { settings, beyond };
}

/** Names of the server's remote tiers. @throws ReadError */
export async function readTiers(wire: Wire, server: ServerAddress): Promise<ReadonlySet<string>> {
  const answer = await answered(wire.admin("tier"), server);
  if (answer.status !== 200) throw answerFault(answer, server, "tiers");
  const tiers = JSON.parse(answer.body) as { Name?: string }[] | null;
  return new Set((tiers ?? []).map(({ Name = "" }) => Name));
}

/** @returns undefined for `NoSuchBucket` */
async function ask(
  wire: Wire,
  server: ServerAddress,
  bucket: string,
  { setting, query, none, read }: Question,
): Promise<Part | undefined> {
  const sent = query === undefined ? wire.admin("get-bucket-quota", { bucket }) : wire.bucket(bucket, query);
  const answer = await answered(sent, server);
  const code = codeOf(answer);
  if (answer.status === 404 && code === "NoSuchBucket") return undefined;
  if (none !== undefined && code === none) return {};
  const part = answer.status === 200 ? read(answer.body) : undefined;
  if (part === undefined) throw answerFault(answer, server, setting);
  return part;
}

async function answered(sent: Promise<Answer>, server: ServerAddress): Promise<Answer> {
  try {
    return await sent;
  } catch (error) {
    throw error instanceof ReadError ? error : networkFault(error, server);
  }
}
