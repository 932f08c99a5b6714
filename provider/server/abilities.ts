import { targetOf } from "../../config/values/notifications.ts";
import { type Abilities, type KeyState, keyNames, type Needs } from "../needs.ts";
import { adminCall } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { CallError } from "./signed.ts";

/** A name that no bucket has. */
const NO_BUCKET = "bucketworks-asks";

/**
 * Asks the server what the specs need, and nothing else; it only reads.
 * @param untold called with what this identity may not ask
 * @throws faults of the connection
 */
export async function abilities(
  server: Connection,
  needs: Needs,
  untold: (action: string) => Promise<void>,
): Promise<Abilities> {
  const keys: Record<string, Abilities["keys"][string]> = {};
  for (const name of keyNames(needs)) keys[name] = await keyState(server, name);
  if (Object.values(keys).includes(undefined)) await untold("admin:KMSKeyStatus");
  const admin = needs.quotas.length > 0 || needs.identities ? await hasAdmin(server) : undefined;
  const wantsTargets = Object.keys(needs.targets).length > 0;
  const told = needs.versions.length > 0 || wantsTargets ? await serverInfo(server) : undefined;
  const type = told?.backend?.backendType;
  // a server without a single one leaves the list out
  const targets = wantsTargets && told !== undefined ? (told.sqsARN ?? []).map(targetOf).sort() : undefined;
  return { keys, admin, versions: type === undefined ? undefined : type !== "FS", targets };
}

async function keyState(server: Connection, name: string): Promise<Abilities["keys"][string]> {
  try {
    const text = await adminCall(server, "GET", "kms/key/status", name === "" ? {} : { "key-id": name });
    return keyStateFrom(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    // A server without admin API doesn't tell, either.
    return error.name === "NotImplemented" ? "no KMS" : undefined;
  }
}

/** The code of MinIO's KMS, and its words for it: the call answers 200 with these alone. */
const NO_SUCH_KEY = /KeyNotFound|\bkey (?:with given key ID )?does not exist/i;

/**
 * Of the answer about a key, which the server tried. Only a key that isn't there is one: a KMS that is down, or that
 * refuses the server, may have it.
 * @see https://github.com/minio/minio/blob/7aac2a2c5b7c/internal/kms/errors.go
 */
export function keyStateFrom(status: Readonly<Record<string, unknown>>): KeyState {
  const fault = status["encryption-error"] || status["decryption-error"];
  if (!fault) return "yes";
  return NO_SUCH_KEY.test(String(fault)) ? "no such key" : { fault: String(fault) };
}

/** MinIO answers in JSON whatever it thinks of the bucket. */
async function hasAdmin(server: Connection): Promise<boolean> {
  try {
    await adminCall(server, "GET", "get-bucket-quota", { bucket: NO_BUCKET });
    return true;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return !/^Http\d+$/.test(error.name);
  }
}

interface ServerInfo {
  readonly backend?: { readonly backendType?: string };
  readonly sqsARN?: readonly string[] | null;
}

/** @returns undefined where this identity may not ask */
async function serverInfo(server: Connection): Promise<ServerInfo | undefined> {
  try {
    return JSON.parse(await adminCall(server, "GET", "info", {})) as ServerInfo;
  } catch (error) {
    if (error instanceof CallError) return undefined;
    throw error;
  }
}
