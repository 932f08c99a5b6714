import http from "node:http";
import https from "node:https";
import { buffer } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { buildQueryString } from "@smithy/core/protocols";
import { Client } from "minio";
import { agentFor } from "./agent.ts";

/** Where the server is and who asks. */
export interface ServerAddress {
  /** host:port, no scheme. */
  readonly endpoint: string;
  readonly secure: boolean;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** File with the certificate authority to trust, PEM. */
  readonly caFile?: string | undefined;
  /** Where endpoint and credentials were found, for messages. */
  readonly endpointFrom?: string | undefined;
  readonly credentialsFrom?: string | undefined;
  /** What to set where the server is of another region, for messages; given its name. */
  readonly regionFix?: ((region: string) => string) | undefined;
  /** What to do where nothing listens, for messages; absent is the usual advice. */
  readonly wayIn?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** `x-amz-version-id`: the version that a request made. */
  readonly version?: string | undefined;
}

/** An answer before it is taken for text. */
export interface RawAnswer extends Omit<Answer, "body"> {
  readonly body: Buffer;
}

/** As names and values mean it, not encoded yet; a sub-resource has an empty value. */
export type Query = Readonly<Record<string, string>>;

/** A request; without `method` a read. */
export interface Request {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly bucketName?: string;
  readonly objectName?: string;
  readonly query?: Query;
  readonly headers?: Record<string, string>;
  /** Only with PUT. */
  readonly payload?: string | Buffer;
}

/** Sockets to the server at the same time. */
const SOCKETS = 32;
/** From the request to the end of the answer. */
export const DEADLINE_MS = 15_000;
const PRESIGNED_SECONDS = 60;
const ATTEMPTS = 3;
const BACK_OFF_MS = 200;
const ANY_STATUS = Array.from({ length: 400 }, (_, index) => 200 + index);

/**
 * Signed requests to one server through minio-js, a client that shares nothing with the provider's. It signs and
 * sends; answers come back whole, as status and text, because minio-js's own reading loses a part of them (see xml.ts)
 * and its errors keep neither the status nor the code of an admin answer.
 */
export class Wire {
  readonly #client: Client;
  readonly #agent: http.Agent;
  readonly #region: string;

  /** @throws when `caFile` can't be read or the endpoint is no host:port */
  constructor(server: ServerAddress) {
    const { hostname, port } = hostAndPort(server.endpoint);
    this.#agent = agentFor(server, { keepAlive: true, maxSockets: SOCKETS });
    this.#region = server.region;
    this.#client = new Client({
      endPoint: hostname,
      ...(port !== undefined && { port }),
      useSSL: server.secure,
      accessKey: server.accessKey,
      secretKey: server.secretKey,
      region: server.region,
      transport: transport(server.secure),
      transportAgent: this.#agent,
      retryOptions: { disableRetry: true },
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
    return this.send({ bucketName: "minio", objectName: `admin/v3/${call}`, query });
  }

  /** A read of the admin API whose answer is no text. */
  adminFile(call: string): Promise<RawAnswer> {
    return this.#send({ bucketName: "minio", objectName: `admin/v3/${call}` });
  }

  /** Puts an object of text. */
  put(bucketName: string, objectName: string, payload: string): Promise<Answer> {
    return this.send({ method: "PUT", bucketName, objectName, payload });
  }

  /** URL by which an object may be put for a minute; only the host is signed with it. */
  presignedPut(bucketName: string, objectName: string): Promise<string> {
    return this.#client.presignedUrl("PUT", bucketName, objectName, PRESIGNED_SECONDS);
  }

  close(): void {
    this.#agent.destroy();
  }

  async send(target: Request): Promise<Answer> {
    const answer = await this.#send(target);
    return { ...answer, body: answer.body.toString("utf8") };
  }

  /** Whatever is asked here may be repeated: after an answer that says "later", and after a connection broken off. */
  async #send(target: Request): Promise<RawAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await this.#once(target);
        if (!isLater(answer) || attempt === ATTEMPTS) return answer;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if ((code !== "ECONNRESET" && code !== "EPIPE") || attempt === ATTEMPTS) throw error;
      }
      await setTimeout(BACK_OFF_MS * attempt);
    }
  }

  /**
   * `makeRequestAsync` is public and undocumented: the one way to see an answer as the server sent it. It encodes the
   * object's name, and signs the query as it is given: that must be encoded already, as SigV4 wants it.
   */
  async #once(target: Request): Promise<RawAnswer> {
    try {
      const { payload = "", query, ...rest } = target;
      const request = { method: "GET", ...rest, ...(query && { query: buildQueryString({ ...query }) }) };
      const response = await this.#client.makeRequestAsync(request, payload, ANY_STATUS, this.#region);
      const version = response.headers["x-amz-version-id"];
      return { status: response.statusCode ?? 0, body: await buffer(response), version: version?.toString() };
    } catch (error) {
      if (error instanceof Retryable) return error.answer;
      throw error;
    }
  }
}

/** What a server doesn't know (501) it won't know later. */
function isLater({ status }: RawAnswer): boolean {
  return (status >= 500 && status !== 501) || status === 429;
}

/** An answer that minio-js would turn into a message without its body, and leave unread on its socket. */
class Retryable extends Error {
  readonly answer: RawAnswer;

  constructor(answer: RawAnswer) {
    super(`answer ${answer.status}`);
    this.answer = answer;
  }
}

/** Node's own transport with a deadline; answers that minio-js takes for retryable are read here. */
function transport(secure: boolean): Pick<typeof http, "request"> {
  const send = secure ? https.request : http.request;
  const request = (options: https.RequestOptions, take: (response: http.IncomingMessage) => void) => {
    const sent = send({ ...options, signal: AbortSignal.timeout(DEADLINE_MS) }, (response) => {
      const status = response.statusCode ?? 0;
      if (status < 500 && status !== 408 && status !== 429 && status !== 499) return take(response);
      buffer(response).then(
        (body) => sent.emit("error", new Retryable({ status, body })),
        (error) => sent.emit("error", error),
      );
    });
    return sent;
  };
  return { request: request as typeof http.request };
}

/** Of `host:port`; an IPv6 address stands in brackets. */
export function hostAndPort(endpoint: string): { hostname: string; port?: number } {
  const [, hostname = endpoint, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(endpoint) ?? [];
  return { hostname, ...(port !== undefined && { port: Number(port) }) };
}
