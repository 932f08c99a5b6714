import type { VersionEntry } from "../manifest/schema.ts";

/** What a request that writes an object says about it. */
export interface ObjectHeaders {
  ContentType?: string;
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  Expires?: Date;
  Metadata: Record<string, string>;
  Tagging?: string;
}

const OWN = "x-amz-meta-";

/** A version's metadata and tags, as the SDK takes them where an object is written in parts: a copy of one piece has its own. */
export function headersOf({ metadata = {}, tags = {} }: Pick<VersionEntry, "metadata" | "tags">): ObjectHeaders {
  const own = Object.entries(metadata).filter(([name]) => name.startsWith(OWN));
  const text = (name: string): string | undefined => (metadata[name] === "" ? undefined : metadata[name]);
  const set = <K extends keyof ObjectHeaders>(name: K, value: ObjectHeaders[K] | undefined) =>
    value === undefined ? {} : { [name]: value };
  const expires = text("expires");
  return {
    ...set("ContentType", text("content-type")),
    ...set("CacheControl", text("cache-control")),
    ...set("ContentDisposition", text("content-disposition")),
    ...set("ContentEncoding", text("content-encoding")),
    ...set("ContentLanguage", text("content-language")),
    ...set("Expires", expires === undefined || Number.isNaN(Date.parse(expires)) ? undefined : new Date(expires)),
    Metadata: Object.fromEntries(own.map(([name, value]) => [name.slice(OWN.length), value])),
    ...set("Tagging", Object.keys(tags).length === 0 ? undefined : tagging(tags)),
  };
}

/** As the header has them: a query. */
function tagging(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .join("&");
}
