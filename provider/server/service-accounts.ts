import { adminCall } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { encryptedBody } from "./encrypted-body.ts";
import { hasName } from "./read.ts";

/** A service account that is made with a key that is known before. */
export interface NewAccount {
  readonly user: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly description: string;
  readonly expires: Date;
  /** Its own document, as JSON; undefined permits whatever its user may. */
  readonly policy: object | undefined;
}

/** Makes a service account with an expiry. The secret goes encrypted, and in no address. @throws CallError */
export async function addServiceAccount(server: Connection, account: NewAccount): Promise<void> {
  const { user, accessKey, secretKey, description, expires, policy } = account;
  const body = {
    targetUser: user,
    ...{ accessKey, secretKey, description },
    expiration: expires.toISOString(),
    ...(policy !== undefined && { policy }),
  };
  const encrypted = encryptedBody(server.config.secretKey, JSON.stringify(body));
  try {
    await adminCall(server, "PUT", "add-service-account", {}, encrypted);
  } catch (error) {
    // Asked again after a lost answer, the server has what the first request made: nobody else knows this access key.
    if (!hasName(error, "XMinioAdminServiceAccountAlreadyExists")) throw error;
  }
}

/**
 * Sets the description of a service account, and nothing else of it.
 * @param newPolicy the document it has; null where it has none of its own. The server takes the document of an account away
 * whose change names none, and it may do then whatever its user may.
 * @throws CallError
 */
export async function describeServiceAccount(
  server: Connection,
  accessKey: string,
  { newDescription, newPolicy }: { readonly newDescription: string; readonly newPolicy: object | null },
): Promise<void> {
  const change = { newDescription, ...(newPolicy !== null && { newPolicy }) };
  const body = encryptedBody(server.config.secretKey, JSON.stringify(change));
  await adminCall(server, "POST", "update-service-account", { accessKey }, body);
}
