import { plainText } from "../../config/text/plain.ts";
import { NETWORK_WORDS } from "../../config/values/network-words.ts";
import type { Connection } from "./connection.ts";
import { rightFor } from "./rights.ts";

const REFUSED = new Set(["InvalidAccessKeyId", "SignatureDoesNotMatch", "Forbidden", "ExpiredToken"]);

const TRUST = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
]);

const UNREACHABLE: Readonly<Record<string, string>> = {
  ...NETWORK_WORDS,
  TimeoutError: "no answer in time",
  AbortError: "no answer in time",
};

const LOST = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT", "TimeoutError", "AbortError"]);

/** What nobody needs who deploys, but who empties a bucket. */
const OF_PURGE: ReadonlySet<string> = new Set(["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:DeleteObjectVersion"]);

/** What nobody needs whose buckets aren't copied. */
const OF_REPLICATION = /^(s3:(Get|Put)ReplicationConfiguration|admin:(Get|Set)BucketTarget)$/;

/** One sentence a person can act on: what failed, at which server, the likely fix. Never a stack, never a secret. */
export function explain(error: unknown, server: Connection): string {
  return plainText(sentence(error, server));
}

function sentence(error: unknown, server: Connection): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  const status = statusOf(error);
  const at = server.config.settings ?? "bucketworks:";
  if (server.signal.aborted) return "cancelled";
  if (TRUST.has(code)) {
    return `the certificate of ${server.url} isn't trusted (${code}); set ${at}caFile to the file of its CA certificate`;
  }
  if (code === "EPROTO")
    return `${server.url} doesn't speak TLS; ${at === "bucketworks:" ? "set bucketworks:secure to false or " : ""}fix the endpoint`;
  if (UNREACHABLE[code]) {
    const advice =
      (code === "ECONNREFUSED" ? server.config.wayIn : undefined) ?? `is it running, and is ${at}endpoint right?`;
    return `can't reach MinIO at ${server.url}: ${UNREACHABLE[code]}; ${advice}`;
  }
  if (REFUSED.has(error.name)) {
    return `MinIO at ${server.url} refuses the credentials (${error.name}); check bucketworks:rootUser and rootPassword - after a rotation run pulumi with --run-program, the state holds the old ones`;
  }
  if (error.name === "AccessDenied") {
    const right = rightFor(error);
    const refused = `bucketworks:rootUser may not do this on MinIO at ${server.url} (AccessDenied)`;
    if (right !== undefined && OF_PURGE.has(right))
      return `${refused}, which needs ${right}; docs/deployer-policy.json leaves it out, who purges has it of another policy`;
    if (right === "admin:SetTier")
      return `${refused}, which needs ${right}; docs/deployer-policy.json leaves it out, who makes tiers has it of docs/tiers-policy.json`;
    if (right?.endsWith("BucketNotification"))
      return `${refused}, which needs ${right}; docs/deployer-policy.json leaves it out, who deploys notifications has it of docs/notifications-policy.json`;
    if (right !== undefined && OF_REPLICATION.test(right))
      return `${refused}, which needs ${right}; docs/deployer-policy.json leaves it out, who replicates buckets has it of docs/replication-policy.json`;
    return `${refused}${right ? `, which needs ${right}` : ""}; docs/deployer-policy.json has all that deploying needs`;
  }
  const region = expectedRegion(error);
  if (region !== undefined) {
    return `MinIO at ${server.url} is of region ${region} and was asked as ${server.config.region}; pulumi config set ${at === "bucketworks:" ? "" : "--path "}${at}region ${region}`;
  }
  if (error.name === "RequestTimeTooSkewed") {
    return `the clocks of this machine and of MinIO at ${server.url} differ too much (${error.name}), so no signature is believed; put right the one that is wrong: bucketworks doctor says how far they are apart`;
  }
  if (status === 503 || status === 429) {
    return `MinIO at ${server.url} is too busy or not ready (${status}); try again when it is healthy`;
  }
  if (error.name === "XMinioStorageFull") return `the disk of MinIO at ${server.url} is full: ${error.message}`;
  if (status !== undefined && !known(error)) {
    return `${server.url} answered ${status}, not as MinIO would; is ${at}endpoint MinIO's S3 port (9000, not the console's 9001)?`;
  }
  return `${error.name}: ${error.message}`;
}

/** The region that a server says it is of, when it was asked by another name; undefined for every other error. */
export function expectedRegion({ name, message }: Error): string | undefined {
  return name === "AuthorizationHeaderMalformed" ? /expecting '([^']+)'/.exec(message)?.[1] : undefined;
}

/** True where the request may have been carried out although no answer says so. */
export function answerLost(error: unknown): boolean {
  return error instanceof Error && (LOST.has(codeOf(error)) || (statusOf(error) ?? 0) >= 500);
}

/** True where S3 or the admin API gave a code of its own rather than a bare status. */
function known(error: Error): boolean {
  if (error.message === "UnknownError") return false;
  return error.name !== "Error" && error.name !== "SyntaxError" && !/^(Unknown|Http|\d)/.test(error.name);
}

function codeOf(error: Error): string {
  const { code, cause } = error as Error & { code?: unknown; cause?: unknown };
  if (typeof code === "string" && code !== "") return code;
  if (cause instanceof Error) return codeOf(cause);
  return error.name;
}

function statusOf(error: Error): number | undefined {
  return (error as Error & { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
