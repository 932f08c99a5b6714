import { adminCall } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { hasName } from "./read.ts";
import { CallError, signedRequest } from "./signed.ts";

/** Codes by which a server says that a key is none, or not this one. */
const REFUSED = ["InvalidAccessKeyId", "SignatureDoesNotMatch"];

/** What a server answers that doesn't know a call of the admin API: MinIO's older releases 426, other servers the rest. */
const NO_SUCH_CALL = [404, 405, 426, 501];

/**
 * Ends every session (STS) that a user opened, on all servers at once: another secret alone leaves them until they expire.
 * @returns false where the server has no such call: sessions end by expiry alone
 */
export async function endSessions(server: Connection, user: string): Promise<boolean> {
  try {
    await adminCall(server, "POST", "revoke-tokens/builtin", { user, fullRevoke: "true" });
    return true;
  } catch (error) {
    const isCall = error instanceof CallError && NO_SUCH_CALL.includes(error.$metadata.httpStatusCode);
    if (isCall && !hasName(error, "XMinioAdminNoSuchUser")) return false;
    throw error;
  }
}

/** Whether the server has a service account of this access key. @throws what says neither */
export async function hasServiceAccount(server: Connection, accessKey: string): Promise<boolean> {
  try {
    await adminCall(server, "GET", "info-service-account", { accessKey });
    return true;
  } catch (error) {
    if (hasName(error, "XMinioInvalidIAMCredentials") || hasName(error, "XMinioAdminServiceAccountNotFound"))
      return false;
    throw error;
  }
}

/** Whether the server knows the key with which `server` asks, whatever that may do. @throws what says neither */
export async function takesKey(server: Connection): Promise<boolean> {
  const { status, text } = await signedRequest(server, { method: "GET", path: "/", query: {} });
  if (status < 500 && REFUSED.some((code) => text.includes(`<Code>${code}</Code>`))) return false;
  if (status === 200 || status === 403) return true;
  throw new Error(`answer ${status} to a question for buckets`);
}
