import { randomBytes } from "node:crypto";

const BYTES = 20;

/**
 * A secret for a user whose old one has leaked: 40 characters that no shell, file or address has to escape. As an input of
 * the user it is written to the server; left out of the next update, the state keeps it and nothing changes.
 */
export function newSecret(): string {
  return randomBytes(BYTES).toString("hex");
}
