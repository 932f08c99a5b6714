import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { OWNER_ROLE } from "../../config/values/database-names.ts";
import { derivedBytes } from "../derived-bytes.ts";

/** The database that every server has; the owner logs in there to make the others. */
export const MAINTENANCE_DATABASE = "postgres";
/** PostgreSQL's own number of rounds; more would slow every login down and protect no better, the password being random. */
const ITERATIONS = 4096;

/**
 * The password of a role, from the key of the stack alone: nothing else is stored, and another key gives every role another
 * password. 43 characters that a URL and a shell bear.
 */
export function rolePassword(key: string, role: string, database: string): string {
  return derivedBytes(key, `${role}@${database}`, 32).toString("base64url");
}

export function ownerPassword(key: string): string {
  return rolePassword(key, OWNER_ROLE, MAINTENANCE_DATABASE);
}

/**
 * What PostgreSQL keeps of that password (RFC 5803): it can be set, logged and shown in a state without giving it away.
 * The salt is derived too, so that one key makes one verifier.
 */
export function scramVerifier(key: string, role: string, database: string): string {
  const salt = derivedBytes(key, `salt of ${role}@${database}`, 16);
  const salted = pbkdf2Sync(rolePassword(key, role, database), salt, ITERATIONS, 32, "sha256");
  const hmac = (text: string): Buffer => createHmac("sha256", salted).update(text).digest();
  const stored = createHash("sha256").update(hmac("Client Key")).digest("base64");
  const server = hmac("Server Key").toString("base64");
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString("base64")}$${stored}:${server}`;
}

export function ownerVerifier(key: string): string {
  return scramVerifier(key, OWNER_ROLE, MAINTENANCE_DATABASE);
}
