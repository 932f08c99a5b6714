import { setTimeout } from "node:timers/promises";
import { escapeUriPath, HttpRequest } from "@smithy/core/protocols";
import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Connection } from "./connection.ts";

export interface Call {
  readonly method: string;
  /** Not encoded. */
  readonly path: string;
  /** Not encoded. */
  readonly query: Record<string, string>;
  readonly body?: string | Uint8Array;
  /** Besides those that every request has; lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds to the end of the answer. @default as every request's */
  readonly patience?: number;
}

export interface Answer {
  readonly status: number;
  /** Lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** The bytes as UTF-8. */
  readonly text: string;
}

/** An answer that isn't 2xx. `name` is MinIO's error code, as in the SDK's own errors. */
export class CallError extends Error {
  readonly $metadata: { httpStatusCode: number };

  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = code;
    this.$metadata = { httpStatusCode: status };
  }
}

const ATTEMPTS = 3;

/** A connection that was kept open and has ended when it is used again, or a server that ended within its answer. */
const DROPPED: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE"]);
const BACK_OFF_MS = 200;

/**
 * One signed request outside what the SDK's commands can say; the answer as it came, whatever its status. A busy or
 * failing server is asked again, and one whose connection ends while something is read, so it must be a call that may be repeated: one that reads, or sets one value.
 */
export async function signedRequest(server: Connection, call: Call): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const answer = await once(server, call).catch((error: unknown) => {
      const mayRepeat = call.method === "GET" && attempt < ATTEMPTS && !server.signal.aborted;
      if (mayRepeat && error instanceof Error && DROPPED.has((error as NodeJS.ErrnoException).code)) return undefined;
      throw error;
    });
    if (answer !== undefined && (answer.status < 500 || attempt === ATTEMPTS)) return answer;
    await setTimeout(BACK_OFF_MS * attempt, undefined, { signal: server.signal });
  }
}

async function once(server: Connection, call: Call): Promise<Answer> {
  const { method, path, query, body = "", headers, patience } = call;
  const { config } = server;
  const target = new URL(server.url);
  const request = new HttpRequest({
    method,
    protocol: target.protocol,
    hostname: target.hostname,
    ...(target.port !== "" && { port: Number(target.port) }),
    path: escapeUriPath(path),
    query,
    headers: { host: target.host, "content-type": "application/json", ...headers },
    body,
  });
  const signer = new SignatureV4({
    service: "s3",
    region: config.region,
    credentials: { accessKeyId: config.accessKey, secretAccessKey: config.secretKey },
    sha256: Hash.bind(null, "sha256"),
    // S3 signs the path as it is sent; other services encode it a second time
    uriEscapePath: false,
  });
  const signed = (await signer.sign(request)) as HttpRequest;
  const options = { abortSignal: server.signal, ...(patience !== undefined && { requestTimeout: patience }) };
  const { response } = await server.http.handle(signed, options);
  const bytes = await collect(response.body as AsyncIterable<Buffer>);
  return {
    status: response.statusCode,
    headers: response.headers,
    bytes,
    get text() {
      return bytes.toString("utf8");
    },
  };
}

async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
