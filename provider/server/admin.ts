import { setTimeout } from "node:timers/promises";
import { HttpRequest } from "@smithy/core/protocols";
import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Connection } from "./connection.ts";

/** An answer of the admin API that isn't 2xx. `name` is MinIO's error code, as in the SDK's own errors. */
export class AdminError extends Error {
  readonly $metadata: { httpStatusCode: number };

  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = code;
    this.$metadata = { httpStatusCode: status };
  }
}

/** Hard quota of a bucket in bytes; undefined is none. */
export async function readQuota(server: Connection, bucket: string): Promise<number | undefined> {
  const answer = JSON.parse(await send(server, "GET", "get-bucket-quota", bucket)) as Record<string, unknown>;
  const bytes = Number(answer.size ?? 0) || Number(answer.quota ?? 0);
  return bytes > 0 ? bytes : undefined;
}

/** Sets the hard quota in bytes; undefined takes it off. */
export async function writeQuota(server: Connection, bucket: string, bytes: number | undefined): Promise<void> {
  const body = bytes === undefined ? { quota: 0 } : { quota: bytes, size: bytes, quotatype: "hard" };
  await send(server, "PUT", "set-bucket-quota", bucket, JSON.stringify(body));
}

/** All calls made here may be repeated: they read, or set one value. */
const ATTEMPTS = 3;
const BACK_OFF_MS = 200;

async function send(server: Connection, method: string, call: string, bucket: string, body = ""): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const { status, text } = await once(server, method, call, bucket, body);
    if (status >= 200 && status < 300) return text;
    if (status < 500 || attempt === ATTEMPTS) throw failure(text, status);
    await setTimeout(BACK_OFF_MS * attempt, undefined, { signal: server.signal });
  }
}

async function once(
  server: Connection,
  method: string,
  call: string,
  bucket: string,
  body: string,
): Promise<{ status: number; text: string }> {
  const { config } = server;
  const target = new URL(server.url);
  const request = new HttpRequest({
    method,
    protocol: target.protocol,
    hostname: target.hostname,
    ...(target.port !== "" && { port: Number(target.port) }),
    path: `/minio/admin/v3/${call}`,
    query: { bucket },
    headers: { host: target.host, "content-type": "application/json" },
    body,
  });
  const signer = new SignatureV4({
    service: "s3",
    region: config.region,
    credentials: { accessKeyId: config.accessKey, secretAccessKey: config.secretKey },
    sha256: Hash.bind(null, "sha256"),
  });
  const signed = (await signer.sign(request)) as HttpRequest;
  const { response } = await server.http.handle(signed, { abortSignal: server.signal });
  return { status: response.statusCode, text: await collect(response.body as AsyncIterable<Buffer>) };
}

async function collect(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

/** MinIO answers admin faults as JSON, a proxy in front of it may answer anything. */
function failure(text: string, status: number): AdminError {
  try {
    const { Code, Message } = JSON.parse(text) as { Code?: unknown; Message?: unknown };
    if (typeof Code === "string") return new AdminError(Code, String(Message ?? Code), status);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return new AdminError(`Http${status}`, `answer ${status} to an admin call is not MinIO's`, status);
}
