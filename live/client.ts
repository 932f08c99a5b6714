import { setTimeout } from "node:timers/promises";
import { buildQueryString, escapeUriPath, HttpRequest } from "@smithy/core/protocols";
import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import { decrypted } from "./encrypted-body.ts";
import { type Asked, answerFault, codeOf, errorCode } from "./faults.ts";
import { jsonIn } from "./json.ts";
import { type Answer, asText, type Query, type RawAnswer, type Request } from "./request.ts";
import { Sender } from "./sender.ts";
import { type ServerAddress, urlOf } from "./server-address.ts";

/** Sockets to the server at the same time. */
const SOCKETS = 32;
const PRESIGNED_SECONDS = 60;
const ATTEMPTS = 3;
const BACK_OFF_MS = 200;

/** Signed requests to one server; answers come back whole, as status and text. */
export class LiveClient {
  readonly server: ServerAddress;
  readonly #host: string;
  readonly #sender: Sender;
  readonly #signer: SignatureV4;

  /** @throws when `caFile` can't be read or the endpoint is no host:port */
  constructor(server: ServerAddress) {
    this.server = server;
    this.#host = new URL(urlOf(server)).host;
    this.#sender = new Sender(server, { keepAlive: true, maxSockets: SOCKETS });
    this.#signer = new SignatureV4({
      service: "s3",
      region: server.region,
      credentials: { accessKeyId: server.accessKey, secretAccessKey: server.secretKey },
      sha256: Hash.bind(null, "sha256"),
      // S3 signs the path as it is sent; other services encode it a second time
      uriEscapePath: false,
    });
  }

  /** A sub-resource of a bucket, `versioning` for example. */
  bucket(bucket: string, resource: string): Promise<Answer> {
    return this.send({ bucketName: bucket, query: { [resource]: "" } });
  }

  /** The list of buckets. */
  service(): Promise<Answer> {
    return this.send({});
  }

  /** A read of the admin API: it is signed like a request for the object `admin/v3/...` in a bucket `minio`. */
  admin(call: string, query: Query = {}): Promise<Answer> {
    return this.send(adminRequest(call, query));
  }

  /** A read of the admin API whose answer is no text. */
  adminFile(call: string, query: Query = {}): Promise<RawAnswer> {
    return this.#send(adminRequest(call, query));
  }

  /**
   * A read of the admin API whose answer is JSON, encrypted with the secret of who asks.
   * @param asked for messages: the part of the server, and the right that it needs
   * @param none the code with which the server says that it isn't there; the answer is undefined then
   * @throws ReadError
   */
  async encrypted(call: string, query: Query, asked: Asked): Promise<Record<string, unknown>>;
  async encrypted(call: string, query: Query, asked: Asked, none: string): Promise<Record<string, unknown> | undefined>;
  async encrypted(
    call: string,
    query: Query,
    asked: Asked,
    none?: string,
  ): Promise<Record<string, unknown> | undefined> {
    return this.#decrypted(call, query, asked, jsonIn, none);
  }

  /** As `encrypted`, of an answer that isn't JSON. */
  encryptedText(call: string, query: Query, asked: Asked, none: string): Promise<string | undefined> {
    return this.#decrypted(call, query, asked, (text) => text, none);
  }

  /** Puts an object of text. */
  put(bucketName: string, objectName: string, payload: string): Promise<Answer> {
    return this.send({ method: "PUT", bucketName, objectName, payload });
  }

  /** URL by which an object may be put for a minute; only the host is signed with it. */
  async presignedPut(bucketName: string, objectName: string): Promise<string> {
    const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    const request = this.#unsigned({ method: "PUT", bucketName, objectName, headers });
    const { path, query } = await this.#signer.presign(request, { expiresIn: PRESIGNED_SECONDS });
    return `${urlOf(this.server)}${path}?${buildQueryString(query ?? {})}`;
  }

  close(): void {
    this.#sender.close();
  }

  async #decrypted<T>(
    call: string,
    query: Query,
    asked: Asked,
    parse: (text: string) => T | undefined,
    none: string | undefined,
  ): Promise<T | undefined> {
    const answer = await this.adminFile(call, query);
    const text = answer.status === 200 ? await decrypted(this.server.secretKey, answer.body) : undefined;
    const found = text === undefined ? undefined : parse(text);
    if (found !== undefined) return found;
    if (none !== undefined && codeOf(asText(answer)) === none) return undefined;
    throw answerFault(asText(answer), this.server, asked);
  }

  /** @throws ReadError where no answer comes */
  async send(request: Request): Promise<Answer> {
    return asText(await this.#send(request));
  }

  /**
   * Repeats a request after an answer that says "later", and after a connection broken off; the answer says so. Who asks
   * for something that each arrival makes has to look for what the others made.
   */
  async #send(request: Request): Promise<RawAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#once(request);
        if (!isLater(answer) || attempt === ATTEMPTS) return attempt === 1 ? answer : { ...answer, repeated: true };
      } catch (error) {
        const code = errorCode(error);
        if ((code !== "ECONNRESET" && code !== "EPIPE") || attempt === ATTEMPTS) throw error;
      }
      await setTimeout(BACK_OFF_MS * attempt);
    }
  }

  async #once(request: Request): Promise<RawAnswer> {
    const { method, path, query, headers } = await this.#signer.sign(this.#unsigned(request));
    const search = buildQueryString(query ?? {});
    return this.#sender.send({
      method,
      path: search === "" ? path : `${path}?${search}`,
      headers,
      body: bodyOf(request),
    });
  }

  #unsigned(request: Request): HttpRequest {
    const { method = "GET", bucketName, objectName, query = {}, headers } = request;
    const path = [bucketName, objectName].filter((part) => part !== undefined).join("/");
    // what is signed is sorted by value, what is sent has to be the same
    const sorted = Object.entries(query).map(([name, value]) => [
      name,
      typeof value === "string" ? value : [...value].sort(),
    ]);
    return new HttpRequest({
      method,
      path: escapeUriPath(`/${path}`),
      query: Object.fromEntries(sorted),
      headers: { host: this.#host, ...headers },
      body: bodyOf(request),
    });
  }
}

function adminRequest(call: string, query: Query): Request {
  return { bucketName: "minio", objectName: `admin/v3/${call}`, query };
}

function bodyOf({ payload = "" }: Request): string | Buffer {
  return payload;
}

/** What a server doesn't know (501) it won't know later. */
function isLater({ status }: RawAnswer): boolean {
  return (status >= 500 && status !== 501) || status === 429;
}
