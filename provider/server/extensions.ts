import { XMLParser } from "fast-xml-parser";
import type { LifecycleRule } from "../bucket-types.ts";
import type { Connection } from "./connection.ts";
import { remember } from "./rights.ts";
import { CallError, signedRequest } from "./signed.ts";

/**
 * MinIO's own additions to two S3 documents. The SDK drops them unread, yet one of them expires every version of an
 * object: they are read here, can't be declared, and are gone after the next write of their document.
 */
const parser = new XMLParser({
  parseTagValue: false,
  isArray: (name) => name === "Rule" || name === "ExcludedPrefixes",
});

/** Whether versions are kept, and the prefixes left out of it, sorted; folders as `/`. */
export async function readVersioning(
  server: Connection,
  bucket: string,
): Promise<{ versioning: boolean; versioningExclusions: string[] }> {
  const answer = await readDocument<Versioning>(server, bucket, "versioning", "VersioningConfiguration");
  const { Status, ExcludedPrefixes = [], ExcludeFolders } = answer;
  const excluded = ExcludedPrefixes.map(({ Prefix = "" }) => Prefix);
  if (ExcludeFolders === "true") excluded.push("/");
  return { versioning: Status === "Enabled", versioningExclusions: excluded.sort() };
}

/** Adds to each rule what MinIO knows and S3 doesn't; rules are matched by id. */
export async function withExtensions(
  server: Connection,
  bucket: string,
  rules: readonly LifecycleRule[],
): Promise<LifecycleRule[]> {
  const { Rule } = await readDocument<Lifecycle>(server, bucket, "lifecycle", "LifecycleConfiguration");
  const found = new Map(Rule?.map((rule) => [rule.ID ?? "", rule]));
  return rules.map((rule) => {
    const { Expiration, DelMarkerExpiration } = found.get(rule.ID) ?? {};
    return {
      ...rule,
      ...(Expiration?.ExpiredObjectAllVersions === "true" && {
        Expiration: { ...rule.Expiration, ExpiredObjectAllVersions: true },
      }),
      ...(DelMarkerExpiration && { DelMarkerExpiration: { Days: Number(DelMarkerExpiration.Days) } }),
    };
  });
}

interface Versioning {
  readonly Status?: string;
  readonly ExcludedPrefixes?: readonly { readonly Prefix?: string }[];
  readonly ExcludeFolders?: string;
}

interface Lifecycle {
  readonly Rule?: readonly {
    readonly ID?: string;
    readonly Expiration?: { readonly ExpiredObjectAllVersions?: string };
    readonly DelMarkerExpiration?: { readonly Days?: string };
  }[];
}

/** The root element of a bucket's document. @throws CallError with S3's code, as the SDK would */
export async function readDocument<T extends object>(
  server: Connection,
  bucket: string,
  query: string,
  element: string,
): Promise<Partial<T>> {
  const { status, text } = await signedRequest(server, { method: "GET", path: `/${bucket}`, query: { [query]: "" } });
  // An element without content is parsed as empty text.
  const answer = parser.parse(text) as Record<string, T | "" | undefined>;
  const root = answer[element];
  if (status === 200 && root !== undefined) return root || {};
  throw remember(failure(answer, status), query);
}

/** Writes or deletes a document of a bucket. @throws CallError with S3's code, as the SDK would */
export async function writeDocument(
  server: Connection,
  { method, bucket, query, body }: { method: "PUT" | "DELETE"; bucket: string; query: string; body?: string },
): Promise<void> {
  const call = { method, path: `/${bucket}`, query: { [query]: "" }, ...(body !== undefined && { body }) };
  const { status, text } = await signedRequest(server, call);
  if (status >= 200 && status < 300) return;
  throw remember(failure(parser.parse(text) as Record<string, unknown>, status), `${query} written`);
}

function failure({ Error: told }: Record<string, unknown>, status: number): CallError {
  const { Code = `Http${status}`, Message = `answer ${status} is not S3's` } = (told || {}) as Fault;
  return new CallError(Code, Message, status);
}

interface Fault {
  readonly Code?: string;
  readonly Message?: string;
}
