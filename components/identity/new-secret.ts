import { randomBytes } from "node:crypto";

const BYTES = 20;

/**
 * A secret for a new user, or for one whose old one has leaked: 40 characters that no shell, file or address has to escape,
 * and that no program takes for an option. As an input of the user it is written to the server.
 */
export function newSecret(): string {
  return randomBytes(BYTES).toString("hex");
}
