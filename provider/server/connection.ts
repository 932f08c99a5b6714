import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { readFileText } from "../../config/system-fault.ts";
import { proxyEnvironment } from "../../config/values/proxy.ts";
import { rememberRequests } from "./rights.ts";

/** Where the server is and who asks. */
export interface ServerConfig {
  /** host:port, no scheme. */
  readonly endpoint: string;
  readonly secure: boolean;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** File with the CA to trust, PEM. */
  readonly caFile?: string | undefined;
  /** Before the names of its settings in the stack, for messages. @default bucketworks: */
  readonly settings?: string | undefined;
  /** What to do where nothing listens, for messages; absent is the usual advice. */
  readonly wayIn?: string | undefined;
}

/** Seconds: to connect, and from the request to the end of the answer. */
const LIMITS = { connect: 5, answer: 30 };

/** Requests that one server sees at the same time. */
const SOCKETS = 32;

/** What goes wrong is said by who asked, in a sentence of its own. */
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** One keep-alive connection pool to one server, shared by S3 and admin calls. */
export interface Connection {
  readonly url: string;
  readonly config: ServerConfig;
  readonly s3: S3Client;
  /** As `s3`, for a request that must not be repeated. */
  readonly s3Once: S3Client;
  readonly http: NodeHttpHandler;
  /** Aborted by the engine's Cancel: requests under way end at once. */
  readonly signal: AbortSignal;
}

/** @throws when `caFile` can't be read */
export function connect(config: ServerConfig, signal: AbortSignal): Connection {
  const url = `${config.secure ? "https" : "http"}://${config.endpoint}`;
  // A named server is reached as the environment says, by us as by the plugin for identities; loopback never by a proxy.
  const proxyEnv = proxyEnvironment(process.env);
  const pool = { keepAlive: true, maxSockets: SOCKETS, ...(proxyEnv && { proxyEnv }) };
  const ca = config.caFile === undefined ? {} : { ca: readFileText(config.caFile) };
  const http = new NodeHttpHandler({
    connectionTimeout: LIMITS.connect * 1000,
    requestTimeout: LIMITS.answer * 1000,
    throwOnRequestTimeout: true,
    httpAgent: new HttpAgent(pool),
    httpsAgent: new HttpsAgent({ ...pool, ...ca }),
  });
  const settings: S3ClientConfig = {
    endpoint: url,
    region: config.region,
    forcePathStyle: true,
    credentials: { accessKeyId: config.accessKey, secretAccessKey: config.secretKey },
    requestHandler: http,
    followRegionRedirects: false,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    logger: SILENT,
  };
  const s3 = new S3Client({ ...settings, maxAttempts: 3 });
  const s3Once = new S3Client({ ...settings, maxAttempts: 1 });
  for (const client of [s3, s3Once]) rememberRequests(client, url);
  return { url, config, s3, s3Once, http, signal };
}
