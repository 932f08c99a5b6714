import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { RawRequest } from "../../live/request.ts";

/** A hole of published servers, by which requests that prove nothing are carried out. */
export type Hole = "unsigned trailer" | "snowball" | "unsigned copy source";

/** Under which name a hole is published; `SN-` is a number of Silo's own list. */
export const ADVISORIES: Readonly<Record<Hole, string>> = {
  "unsigned trailer": "CVE-2026-41145",
  snowball: "CVE-2026-40344",
  "unsigned copy source": "SN-2026-011",
};

/** Whose name a request bears, and where it tries to write. */
export interface Place {
  /** An access key, which is no secret; undefined is nobody. */
  readonly accessKey: string | undefined;
  /** As reports call it: that of the key at hand is a secret. */
  readonly label: string;
  readonly bucket: string;
  /** A prefix below which that name may write. */
  readonly prefix: string;
  /** Name of an object that nobody has, without the prefix. */
  readonly key: string;
  readonly region: string;
  readonly now: Date;
}

export interface ForgedRequest extends RawRequest {
  readonly hole: Hole;
  /** The same for every name. */
  readonly form: string;
  /** For people, to follow "a request". */
  readonly what: string;
}

/** How a request names its sender: in the query, there with a signature made up, or in a header with such a one. */
type Naming = "query" | "query with a false signature" | "header with a false signature" | "nobody";

const NAMINGS: readonly Naming[] = ["query", "query with a false signature", "header with a false signature"];
const FALSE_SIGNATURE = "0".repeat(64);
/** The mark of a tar archive's end, and nothing before it. */
const EMPTY_TAR = Buffer.alloc(1024);
const TEXT = "bucketworks-verify\n";
const WRONG_MD5 = createHash("md5").update("another text").digest("base64");

/**
 * The requests that a sound server refuses. None stores anything where it gets in: the put's checksum is wrong, the part
 * belongs to no upload, the archive is empty.
 */
export function forgedRequests(place: Place): ForgedRequest[] {
  const namings = place.accessKey === undefined ? (["nobody"] as const) : NAMINGS;
  return namings.flatMap((naming) => [put(place, naming), part(place, naming), snowball(place, naming)]);
}

/** A plain put by nobody, with an MD5 that isn't its text's: it forges nothing, and shows what a bucket's policy permits. */
export function anybodysPut({ bucket, prefix, key }: Pick<Place, "bucket" | "prefix" | "key">): RawRequest {
  const body = Buffer.from(TEXT);
  return {
    method: "PUT",
    path: `/${bucket}/${pathOf(prefix + key)}`,
    headers: { "content-md5": WRONG_MD5, "content-length": String(body.length) },
    body,
  };
}

/**
 * What is added to a presigned PUT without having been signed: were it believed, the server would copy an object that
 * the signer can read. That object doesn't exist; a server that takes the request for a put of its own refuses its MD5.
 */
export function copySource({ bucket, prefix, key }: Place): Pick<RawRequest, "headers" | "body"> {
  return {
    headers: {
      "x-amz-copy-source": `/${bucket}/${pathOf(`${prefix}${key}-source`)}`,
      "content-md5": WRONG_MD5,
      "content-length": "0",
    },
    body: Buffer.alloc(0),
  };
}

function put(place: Place, naming: Naming): ForgedRequest {
  return { ...trailerRequest(place, naming, {}), ...wordsOf("PUT of an object", place, naming) };
}

function part(place: Place, naming: Naming): ForgedRequest {
  const upload = { partNumber: "1", uploadId: place.key };
  return { ...trailerRequest(place, naming, upload), ...wordsOf("PUT of a part", place, naming) };
}

function trailerRequest(place: Place, naming: Naming, query: Readonly<Record<string, string>>) {
  const wrong = Buffer.alloc(4);
  wrong.writeUInt32BE((crc32(TEXT) ^ 1) >>> 0);
  const body = `${TEXT.length.toString(16)}\r\n${TEXT}\r\n0\r\nx-amz-checksum-crc32:${wrong.toString("base64")}\r\n\r\n`;
  const headers = { "x-amz-trailer": "x-amz-checksum-crc32", "x-amz-decoded-content-length": String(TEXT.length) };
  return { hole: "unsigned trailer" as const, ...request(place, naming, { query, headers, body: Buffer.from(body) }) };
}

function snowball(place: Place, naming: Naming): ForgedRequest {
  const headers = {
    "x-amz-meta-snowball-auto-extract": "true",
    ...(place.prefix !== "" && { "x-amz-meta-minio-snowball-prefix": place.prefix }),
  };
  return {
    hole: "snowball",
    ...wordsOf("PUT of an archive to unpack", place, naming),
    ...request(place, naming, { query: {}, headers, body: EMPTY_TAR }),
  };
}

function request(
  place: Place,
  naming: Naming,
  { query, headers, body }: { query: Readonly<Record<string, string>>; headers: object; body: Buffer },
): RawRequest {
  const named = identification(place, naming);
  const search = new URLSearchParams({ ...query, ...named.query }).toString().replaceAll("+", "%20");
  return {
    method: "PUT",
    path: `/${place.bucket}/${pathOf(place.prefix + place.key)}${search === "" ? "" : `?${search}`}`,
    headers: {
      "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "x-amz-date": timestamp(place.now),
      "content-length": String(body.length),
      ...headers,
      ...named.headers,
    },
    body,
  };
}

function identification(
  { accessKey, region, now }: Place,
  naming: Naming,
): { query: Record<string, string>; headers: Record<string, string> } {
  const date = timestamp(now);
  const credential = `${accessKey}/${date.slice(0, 8)}/${region}/s3/aws4_request`;
  switch (naming) {
    case "nobody":
      return { query: {}, headers: {} };
    case "query":
      return { query: { "X-Amz-Credential": credential }, headers: {} };
    case "query with a false signature":
      return {
        query: {
          "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
          "X-Amz-Credential": credential,
          "X-Amz-Date": date,
          "X-Amz-Expires": "60",
          "X-Amz-SignedHeaders": "host",
          "X-Amz-Signature": FALSE_SIGNATURE,
        },
        headers: {},
      };
    case "header with a false signature": {
      const signed = `SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${FALSE_SIGNATURE}`;
      return { query: {}, headers: { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, ${signed}` } };
    }
  }
}

function wordsOf(deed: string, { accessKey, label }: Place, naming: Naming): Pick<ForgedRequest, "form" | "what"> {
  const form = `${deed}, ${naming}`;
  if (accessKey === undefined) return { form, what: `${deed} by nobody` };
  const where = naming.startsWith("query") ? "query" : "header";
  const signature = naming === "query" ? "no signature" : "a false signature";
  return { form, what: `${deed} with the name ${label} in its ${where} and ${signature}` };
}

function pathOf(key: string): string {
  const encoded = (part: string): string =>
    encodeURIComponent(part).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return key.split("/").map(encoded).join("/");
}

/** `20260101T000000Z`. */
function timestamp(now: Date): string {
  return now.toISOString().replaceAll(/[-:]|\.\d+/g, "");
}
