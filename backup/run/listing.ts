import type { Connection } from "../../provider/server/connection.ts";
import { remember } from "../../provider/server/rights.ts";
import { type Answer, type Call, CallError, signedRequest } from "../../provider/server/signed.ts";

/** A version as a listing tells of it. */
export interface Listed {
  readonly key: string;
  readonly version: string;
  readonly modified: string;
  readonly size: number;
  readonly etag: string;
  readonly latest: boolean;
  readonly marker: boolean;
  /** What it is tagged with; undefined where they weren't asked for, or the server's listing doesn't tell. */
  readonly tags: Readonly<Record<string, string>> | undefined;
  /** As manifests have them, but without `expires`, which no listing tells; absent where `tags` are. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** What a listing is asked for beside names, sizes and digests. */
export type Told = "names" | "tags" | "metadata";

/**
 * Every version and delete marker of a bucket by keys and, of one key, newest first: a page after the other. The SDK's own
 * command gives two lists in which the order of versions and markers is lost, takes four times as long to read a page, and
 * can't ask for `metadata`, by which MinIO tells tags, too.
 * @param prefix beginning of the keys; empty is the whole bucket
 * @param told `metadata` are with tags. The server takes more than twice as long for such a page, as it asks for each object
 * whether they may be read
 */
export async function* versionsOf(
  server: Connection,
  bucket: string,
  prefix: string,
  told: Told = "names",
): AsyncGenerator<Listed[]> {
  const about = { prefix, ...(told !== "names" && { metadata: "true" }) };
  let asked: Promise<Page> | undefined = pageOf(server, bucket, about);
  while (asked !== undefined) {
    const { text, next }: Page = await asked;
    // The server makes the next page while this one is read.
    asked = next && pageOf(server, bucket, { ...about, ...next });
    // Who stops before the end doesn't hear of it.
    asked?.catch(() => undefined);
    yield listedIn(text, told);
  }
}

interface Page {
  readonly text: string;
  /** Where the next one begins; undefined of the last. */
  readonly next: Readonly<Record<string, string>> | undefined;
}

async function pageOf(server: Connection, bucket: string, from: Readonly<Record<string, string>>): Promise<Page> {
  // encoded: XML can't hold every character that a key may have
  const query = { versions: "", "encoding-type": "url", ...from };
  const { status, text } = await answered(server, { method: "GET", path: `/${bucket}`, query });
  if (status !== 200) throw remember(refusal(status, text), REQUEST, server.url);
  if (!text.endsWith("</ListVersionsResult>")) throw new Error("a listing of versions was cut");
  const [key, version] = ["NextKeyMarker", "NextVersionIdMarker"].map((name) => field(text, name));
  const more = field(text, "IsTruncated") === "true";
  // Taken for the end it would leave versions out of a manifest in silence.
  if (more && !key) throw new Error("a listing of versions has more and doesn't say where it goes on");
  const next =
    more && key ? { "key-marker": decodedKey(key), ...(version && { "version-id-marker": version }) } : undefined;
  return { text, next };
}

const REQUEST = "ListObjectVersions";

async function answered(server: Connection, call: Call): Promise<Answer> {
  try {
    return await signedRequest(server, call);
  } catch (error) {
    throw remember(error, REQUEST, server.url);
  }
}

function refusal(status: number, text: string): Error {
  const code = field(text, "Code") ?? `Http${status}`;
  return new CallError(code, field(text, "Message") ?? "", status);
}

const ENTRY = /<(Version|DeleteMarker)>([\s\S]*?)<\/\1>/g;

/** The entries of one page, in its order. */
function listedIn(text: string, told: Told): Listed[] {
  return [...text.matchAll(ENTRY)].map(([, kind, entry = ""]) => {
    const marker = kind === "DeleteMarker";
    const [key, version, modified] = ["Key", "VersionId", "LastModified"].map((name) => field(entry, name));
    if (key === undefined || modified === undefined)
      throw new Error("a listing of versions has an entry without key or time");
    return {
      key: decodedKey(key),
      version: version || "null",
      modified: new Date(modified).toISOString(),
      size: marker ? 0 : Number(field(entry, "Size")),
      etag: marker ? "" : (field(entry, "ETag") ?? "").replaceAll(/&#34;|&quot;|"/g, ""),
      latest: field(entry, "IsLatest") === "true",
      marker,
      tags: entry.includes("<UserMetadata>") ? tagsIn(field(entry, "UserTags") ?? "") : undefined,
      ...(told === "metadata" && { metadata: metadataIn(entry) }),
    };
  });
}

/** The writer's own metadata stand between the others and can have no name of theirs: each begins with `X-Amz-Meta-`. */
function field(xml: string, name: string): string | undefined {
  const from = xml.indexOf(`<${name}>`);
  if (from < 0) return undefined;
  const start = from + name.length + 2;
  return xml.slice(start, xml.indexOf("<", start));
}

const METADATA = /<UserMetadata>([\s\S]*?)<\/UserMetadata>/;
const ONE = /<([^<>]+)>([^<]*)<\/\1>/g;
/** Beside the writer's own; what else stands there is the server's. */
const HEADERS = /^(x-amz-meta-.*|cache-control|content-(disposition|encoding|language|type))$/;

function metadataIn(entry: string): Record<string, string> | undefined {
  const found = METADATA.exec(entry)?.[1];
  if (found === undefined) return undefined;
  const all = [...found.matchAll(ONE)].map(([, name = "", value = ""]) => [name.toLowerCase(), unescaped(value)]);
  return Object.fromEntries(all.filter(([name = ""]) => HEADERS.test(name)));
}

/** What Go writes in place of signs that XML can't hold. */
function unescaped(text: string): string {
  if (!text.includes("&")) return text;
  const signs: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", "#34": '"', "#39": "'" };
  return text.replaceAll(/&(amp|lt|gt|#34|#39);/g, (_, name: string) => signs[name] ?? "");
}

/** In the form of a query. */
function tagsIn(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text.replaceAll("&amp;", "&")));
}

function decodedKey(key: string): string {
  return decodeURIComponent(key.replaceAll("+", " "));
}
