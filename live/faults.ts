import { NETWORK_WORDS } from "../config/values/network-words.ts";
import scanner from "../docs/scanner-policy.json" with { type: "json" };
import { jsonIn } from "./json.ts";
import { ReadError } from "./read-error.ts";
import type { Answer } from "./request.ts";
import { type ServerAddress, urlOf } from "./server-address.ts";
import { childText, parseXml } from "./xml.ts";

const REFUSED = new Set(["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidTokenId"]);
const NOT_ALLOWED = new Set(["AccessDenied", "Forbidden", "AllAccessDisabled"]);

/** Rights that an identity for reading has. */
const SCANNER: ReadonlySet<string> = new Set(scanner.Statement.flatMap(({ Action }) => Action));

const NETWORK: Readonly<Record<string, string>> = { ...NETWORK_WORDS, ABORT_ERR: "no answer in time" };

/** The S3 or admin error code an answer carries; undefined where it is none of MinIO's. */
export function codeOf({ status, body }: Answer): string | undefined {
  if (status < 300) return undefined;
  const code = body.startsWith("{") ? jsonIn(body)?.Code : childText(parseXml(body, "Error"), "Code");
  return typeof code === "string" && code !== "" ? code : undefined;
}

/** XML writes an apostrophe as `&#39;`. */
function plain({ body }: Answer): string {
  return body.replace(/&#39;|&apos;/g, "'");
}

/** What was asked of a server, for messages. */
export interface Asked {
  /** Undefined is the server itself. */
  readonly what?: string;
  /** The action of IAM that the server wants for it: its refusal doesn't say. */
  readonly right?: string;
  /** @default "read" */
  readonly deed?: string;
}

export function answerFault(answer: Answer, server: ServerAddress, asked: Asked): ReadError {
  const { what } = asked;
  const code = codeOf(answer);
  const url = urlOf(server);
  if (code !== undefined && REFUSED.has(code)) {
    return new ReadError(`MinIO at ${url} refuses the credentials (${code}); ${origin(server)}`, true);
  }
  if (code !== undefined && NOT_ALLOWED.has(code)) {
    return new ReadError(notAllowed(asked, code), false);
  }
  const region = code === "AuthorizationHeaderMalformed" ? /expecting '([^']+)'/.exec(plain(answer))?.[1] : undefined;
  if (region !== undefined) {
    const fix = server.regionFix?.(region) ?? `pulumi config set bucketworks:region ${region}`;
    return new ReadError(`MinIO at ${url} is of region ${region} and was asked as ${server.region}; ${fix}`, true);
  }
  if (code === "RequestTimeTooSkewed") {
    return new ReadError(`the clocks of this machine and of MinIO at ${url} differ too much (${code})`, true);
  }
  if (answer.status === 503 || answer.status === 429) {
    const sentence = `MinIO at ${url} is too busy or not ready (${code ?? answer.status}); try again when it is healthy`;
    return new ReadError(sentence, false);
  }
  if (code !== undefined) return new ReadError(`MinIO answers ${code}${what ? ` to a look at ${what}` : ""}`, false);
  return new ReadError(
    `${url} answered ${answer.status}, not as MinIO would${what ? `, when asked for ${what}` : ""}; is ${endpointName(server)} MinIO's S3 port (9000, not the console's 9001)?`,
    false,
  );
}

function notAllowed({ what = "it", right, deed = "read" }: Asked, code: string): string {
  const refused = `the credentials may not ${deed} ${what} (${code})`;
  if (right === undefined) return refused;
  const cure = SCANNER.has(right) ? "use an identity with docs/scanner-policy.json" : "use an identity that has it";
  return `${refused}, which needs ${right}; ${cure}`;
}

/** @param error of the connection: no answer came */
export function networkFault(error: unknown, server: ServerAddress): ReadError {
  const code = errorCode(error);
  const url = urlOf(server);
  if (/CERT|SIGNATURE|ALTNAME/.test(code)) {
    const sentence = `the certificate of ${url} isn't trusted (${code}); set bucketworks:caFile to the file of its CA certificate`;
    return new ReadError(sentence, true, error);
  }
  if (code === "EPROTO" || /^ERR_SSL/.test(code)) {
    return new ReadError(`${url} doesn't speak TLS; set bucketworks:secure to false or fix the endpoint`, true, error);
  }
  const words = NETWORK[code] ?? (error instanceof Error ? error.message : String(error));
  const usual = `is it running, and is ${endpointName(server)} right?`;
  const advice = (code === "ECONNREFUSED" ? server.wayIn : undefined) ?? usual;
  return new ReadError(`can't reach MinIO at ${url}: ${words}; ${advice}`, true, error);
}

function endpointName({ endpointFrom }: ServerAddress): string {
  return endpointFrom === undefined ? "the endpoint" : `the endpoint of ${endpointFrom}`;
}

function origin({ credentialsFrom }: ServerAddress): string {
  return credentialsFrom === undefined ? "check user and password" : `they come from ${credentialsFrom}`;
}

/** The code of an error of the connection, or of the error that caused it; empty where there is none. */
export function errorCode(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  if (typeof code === "string") return code;
  return cause === undefined ? "" : errorCode(cause);
}
