import { adminCall } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { hasName } from "./read.ts";
import { signedRequest } from "./signed.ts";

/** Codes by which a server says that a key is none, or not this one. */
const REFUSED = ["InvalidAccessKeyId", "SignatureDoesNotMatch"];

/** Ends every session (STS) that a user opened, on all servers at once: another secret alone leaves them until they expire. */
export async function endSessions(server: Connection, user: string): Promise<void> {
  await adminCall(server, "POST", "revoke-tokens/builtin", { user, fullRevoke: "true" });
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
