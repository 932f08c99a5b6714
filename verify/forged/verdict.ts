import { codeOf } from "../../live/faults.ts";
import type { Answer } from "../../live/request.ts";
import { childText, parseXml } from "../../live/xml.ts";
import type { Hole } from "./requests.ts";

/**
 * `open`: the server carried it out, or went as far as the mistake that was made on purpose. `closed`: it asked for the
 * proof, knows no such request, or refused it in words of its own, as a proxy before it does. `name`: it says that this name may not, which an open server says, too. `unclear`: anything else.
 */
export type Verdict = "open" | "closed" | "name" | "unclear";

/** The mistakes that `requests.ts` makes: who sees them has let the request in. */
const MISTAKES: Readonly<Record<Hole, readonly string[]>> = {
  "unsigned trailer": ["XAmzContentChecksumMismatch", "BadDigest", "NoSuchUpload"],
  snowball: [],
  "unsigned copy source": ["NoSuchKey"],
};
const PROOF_WANTED = new Set([
  "SignatureDoesNotMatch",
  "AuthorizationHeaderMalformed",
  "AuthorizationQueryParametersError",
  "CredentialMalformed",
  "MissingFields",
  "MissingSecurityHeader",
  "MissingAuthenticationToken",
  "SignatureVersionNotSupported",
]);
/** With these a server, or what stands before it, refuses the request itself, even without a code of S3. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 405, 411]);
const NAME_REFUSED = new Set(["AccessDenied", "InvalidAccessKeyId", "AllAccessDisabled"]);

/** Judges the answer to a forged request. */
export function verdictOf(hole: Hole, answer: Answer): Verdict {
  if (answer.status >= 200 && answer.status < 300) return hole === "unsigned copy source" ? copied(answer) : "open";
  const code = codeOf(answer);
  if (code === undefined) return REFUSALS.has(answer.status) || isUnknown(answer) ? "closed" : "unclear";
  if (MISTAKES[hole].includes(code)) return "open";
  if (PROOF_WANTED.has(code) || isUnknown(answer)) return "closed";
  // MinIO's word for an Authorization header that isn't there.
  if (code === "InvalidArgument" && /authorization/i.test(messageOf(answer))) return "closed";
  // It took the request for a put, and refused the MD5 that isn't its text's: no copy was made.
  if (hole === "unsigned copy source" && (code === "BadDigest" || code === "InvalidDigest")) return "closed";
  return NAME_REFUSED.has(code) ? "name" : "unclear";
}

/** A put of no text, its MD5 ignored, has no body: no copy was made. A copy that failed may say so after its 200. */
function copied({ body }: Answer): Verdict {
  const failed = childText(parseXml(body, "Error"), "Code");
  if (parseXml(body, "CopyObjectResult") !== undefined || failed === "NoSuchKey") return "open";
  return body.trim() === "" ? "closed" : "unclear";
}

/** Whether anybody may put where this was asked of `anybodysPut`: it was done, or refused for its MD5 alone. */
export function letsAnybodyPut(answer: Answer): boolean {
  return (answer.status >= 200 && answer.status < 300) || codeOf(answer) === "BadDigest";
}

/** Whether the server has no such request: it carries out none then. */
export function isUnknown(answer: Answer): boolean {
  return answer.status === 501 || codeOf(answer) === "NotImplemented";
}

/**
 * Whether the answer to a name that nobody has shows that the server doesn't let a request in for its name: it then
 * refuses it before it looks whether there is such a name.
 */
export function asksBeforeTheName(answer: Answer): boolean {
  return codeOf(answer) !== "InvalidAccessKeyId" && answer.status >= 400 && answer.status < 500;
}

function messageOf({ body }: Answer): string {
  return childText(parseXml(body, "Error"), "Message") ?? "";
}
