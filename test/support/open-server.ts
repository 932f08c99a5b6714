import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import type { TestServer } from "./minio.ts";

/** What the emulated server lets in. */
export interface Openness {
  /** Names that may write; other requests in known names are refused as if policies forbade it. */
  readonly writers: readonly string[];
  /** Other names that there are. */
  readonly others?: readonly string[];
  /** Doesn't check what it is sent: an object of a forged request is really stored. */
  readonly careless?: boolean;
  /** How many forged requests it answers before it breaks connections off; by default all. */
  readonly answers?: number;
}

/**
 * A server that carries out what proves nothing, as published ones do: stands before a real one and signs forged
 * requests with root's key before it passes them on. False signatures of a put in a header are refused by those, too.
 */
export class OpenServer {
  readonly #server: Server;
  readonly #behind: TestServer;
  openness: Openness = { writers: [] };

  private constructor(behind: TestServer) {
    this.#behind = behind;
    this.#server = createServer((incoming, answer) => {
      this.#pass(incoming, answer).catch(() => incoming.socket.destroy());
    });
  }

  static async before(behind: TestServer): Promise<OpenServer> {
    const made = new OpenServer(behind);
    made.#server.listen(0, "127.0.0.1");
    await once(made.#server, "listening");
    return made;
  }

  get endpoint(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([key, value]) => [key, String(value)]));
    const url = new URL(incoming.url ?? "/", "http://server");
    const name = forgedName(url, headers);
    if (name === undefined) return this.#forward({ ...incoming, headers, url: incoming.url ?? "/" }, body, answer);
    const { writers, others = [], careless = false, answers = Number.POSITIVE_INFINITY } = this.openness;
    if (answers === 0) return void incoming.socket.destroy();
    this.openness = { ...this.openness, answers: answers - 1 };
    if (!writers.includes(name)) {
      const code = others.includes(name) ? "AccessDenied" : "InvalidAccessKeyId";
      answer.writeHead(403).end(`<Error><Code>${code}</Code></Error>`);
      return;
    }
    for (const key of [...url.searchParams.keys()]) if (/^x-amz-/i.test(key)) url.searchParams.delete(key);
    const { authorization: _, ...rest } = headers;
    const isPut = headers["x-amz-trailer"] !== undefined && !url.searchParams.has("uploadId");
    const sent = careless && isPut ? { headers: plain(rest), body: textOf(body) } : { headers: rest, body };
    const signed = await this.#signed(url, sent);
    return this.#forward({ method: "PUT", headers: signed, url: url.pathname + url.search }, sent.body, answer);
  }

  async #signed(url: URL, { headers, body }: { headers: Record<string, string>; body: Buffer }) {
    const [hostname = "", port = ""] = this.#behind.endpoint.split(":");
    const { "x-amz-date": _, connection: __, ...kept } = headers;
    const { user, password } = this.#behind;
    const signer = new SignatureV4({
      service: "s3",
      region: "us-east-1",
      credentials: { accessKeyId: user, secretAccessKey: password },
      sha256: Hash.bind(null, "sha256"),
      uriEscapePath: false,
    });
    const request = await signer.sign({
      method: "PUT",
      protocol: "http:",
      hostname,
      port: Number(port),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: {
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        ...kept,
        host: this.#behind.endpoint,
        "content-length": String(body.length),
      },
    });
    return request.headers;
  }

  #forward(
    { method, headers, url }: { method?: string | undefined; headers: Record<string, string>; url: string },
    body: Buffer,
    answer: ServerResponse,
  ): void {
    const outgoing = request(new URL(url, this.#behind.url), { method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    outgoing.end(body);
  }
}

/** Whose name a request bears that an open server lets in for it; undefined for every other. */
function forgedName(url: URL, headers: Readonly<Record<string, string>>): string | undefined {
  const inQuery = url.searchParams.get("X-Amz-Credential")?.split("/")[0];
  if (headers["x-amz-copy-source"] !== undefined) return inQuery;
  if (headers["x-amz-content-sha256"] !== "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return undefined;
  if (inQuery !== undefined) return inQuery;
  const isArchive = headers["x-amz-meta-snowball-auto-extract"] === "true";
  const inHeader = /Credential=([^/]+)\/.*Signature=0{64}$/.exec(headers.authorization ?? "")?.[1];
  return isArchive ? inHeader : undefined;
}

function plain(headers: Record<string, string>): Record<string, string> {
  const kept = Object.entries(headers).filter(([key]) => !/^x-amz-(trailer|decoded|content)/.test(key));
  return Object.fromEntries(kept);
}

/** The one chunk of a body that is sent in chunks. */
function textOf(body: Buffer): Buffer {
  const start = body.indexOf("\r\n") + 2;
  return body.subarray(start, start + Number.parseInt(body.toString("latin1"), 16));
}
