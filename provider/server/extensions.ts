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
  const answer = await document<Versioning>(server, bucket, "versioning", "VersioningConfiguration");
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
  const { Rule } = await document<Lifecycle>(server, bucket, "lifecycle", "LifecycleConfiguration");
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
async function document<T extends object>(
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
  const { Code = `Http${status}`, Message = `answer ${status} is not S3's` } = (answer.Error || {}) as Fault;
  throw remember(new CallError(Code, Message, status), query);
}

interface Fault {
  readonly Code?: string;
  readonly Message?: string;
}
