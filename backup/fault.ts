import { plainText } from "../config/text/plain.ts";
import type { Connection } from "../provider/server/connection.ts";
import { explain } from "../provider/server/faults.ts";
import { rightFor, serverOf } from "../provider/server/rights.ts";
import { ManifestFault } from "./manifest/schema.ts";

/** Why a backup can't be made or read, in a sentence that says what to do. */
export class BackupFault extends Error {
  override readonly name = "BackupFault";
}

const QUOTA = new Set(["XMinioAdminBucketQuotaExceeded", "QuotaExceeded"]);

/** The server and the key that a request was made with, for messages. */
export interface Asked {
  readonly server: Connection;
  /** `key usdcop-bucket-backup-job of stack dev`. */
  readonly key: string;
  /** What to do where the key may not. @default as of the key that makes backups */
  readonly cure?: string | undefined;
  /** What to do where the key isn't one. @default as of the key that makes backups */
  readonly renewal?: string | undefined;
}

const RENEWAL = "run pulumi up, or give the right one";
const GENERATED = "pulumi up gives it the rights that the spec's backup needs";

/**
 * One sentence of what went wrong: never a stack, never a secret.
 * @param other the second server, where source and target are on two
 */
export function backupFaultText(error: unknown, asked: Asked, other?: Asked): string {
  const failed = other !== undefined && serverOf(error) === other.server.url ? other : asked;
  const { server, key, cure = GENERATED, renewal = RENEWAL } = failed;
  if (error instanceof BackupFault || error instanceof ManifestFault) return plainText(error.message);
  if (!(error instanceof Error)) return explain(error, server);
  if (error.name === "AccessDenied") {
    const right = rightFor(error);
    return `${key} may not do this on MinIO at ${server.url} (AccessDenied)${right === undefined ? "" : `, which needs ${right}`}; ${cure}`;
  }
  if (["InvalidAccessKeyId", "SignatureDoesNotMatch"].includes(error.name)) {
    return `MinIO at ${server.url} refuses ${key} (${error.name}); ${renewal}`;
  }
  if (QUOTA.has(error.name)) {
    return plainText(`the target is full: ${error.message}; raise its quota, or remove what is past its time`);
  }
  return explain(error, server);
}
