import { existsSync, writeFileSync } from "node:fs";
import { strToU8, zipSync } from "fflate";
import { systemFault } from "../../../config/system-fault.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { fromHere } from "../../terminal/path-from-here.ts";
import type { Context } from "../context.ts";
import type { Finding } from "../finding.ts";
import { entriesOf } from "./entries.ts";
import { maskerOf } from "./masking.ts";
import { secretsOf } from "./secrets.ts";

/** @throws CommandError where the file is there: a bundle replaces nothing */
export function refuseExisting(file: string): void {
  if (!existsSync(file)) return;
  throw new CommandError(
    `--bundle ${file}: it is there already, and isn't overwritten; name another file`,
    EXIT.wrongUse,
  );
}

/**
 * Writes an archive with what helps somebody to see the fault, mode 0600. Each text is masked; where a known secret were
 * still in one, nothing is written.
 * @throws CommandError where the file can't be written
 */
export async function writeBundle(file: string, at: Context, findings: readonly Finding[]): Promise<void> {
  const { texts: secrets, unknown } = await secretsOf(at);
  const mask = maskerOf(at.root, secrets);
  const entries = { ...entriesOf(at, findings), "README.txt": readme(unknown) };
  const clean = Object.entries(entries).map(([name, text]) => [mask(name), mask(text)] as const);
  const left = clean.find(([, text]) => secrets.some((secret) => text.includes(secret)));
  if (left !== undefined) {
    throw new CommandError(
      `--bundle ${file}: a secret is left in ${left[0]}, so nothing was written; please report it`,
      EXIT.couldNotLook,
    );
  }
  const archive = zipSync(Object.fromEntries(clean.map(([name, text]) => [name, strToU8(text)])));
  try {
    writeFileSync(file, archive, { mode: 0o600, flag: "wx" });
  } catch (error) {
    throw new CommandError(`--bundle ${file}: ${systemFault(error, fromHere) ?? String(error)}`, EXIT.couldNotLook);
  }
}

function readme(unknown: readonly string[]): string {
  const known =
    unknown.length === 0
      ? []
      : ["", "Not known, so masked by their form alone:", ...unknown.map((each) => `- ${each}`)];
  return [
    "What bucketworks doctor saw, for who helps: findings, versions, settings, the state's shape (no values), the ends of logs.",
    "Secrets that the checkout, its stack or the environment knows are ***, and so is what has the form of one.",
    "Names of buckets, users and hosts are in it. Look through it before you send it.",
    ...known,
    "",
  ].join("\n");
}
