import { randomBytes } from "node:crypto";
import { readText, writePrivate } from "../private-files.ts";

/** Has a password in a file that its owner alone reads; one that is there stays. */
export function ensurePassword(file: string): void {
  if (readText(file) === undefined) writePrivate(file, randomBytes(24).toString("hex"));
}
