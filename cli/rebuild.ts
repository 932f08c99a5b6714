import { join } from "node:path";
import { Command } from "commander";
import { oneLine } from "../config/text/plain.ts";
import { urlOf } from "../live/server-address.ts";
import type { Connection } from "../provider/server/connection.ts";
import type { Archive } from "./archive/archive.ts";
import { requirePrivateWay } from "./archive/private-way.ts";
import { audited } from "./audit-log.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { addLookOptions } from "./target/look-options.ts";
import { type LookTargetOptions, lookTarget } from "./target/look-target.ts";
import { onServer } from "./target/on-server.ts";
import { readNamedBytes } from "./terminal/named-file.ts";
import { print, tell } from "./terminal/print.ts";

interface RebuildOptions extends Omit<LookTargetOptions, "identities"> {
  readonly identityFile?: string;
  readonly passphraseFile?: string;
  readonly files?: string;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
}

const HELP = `
Gives an empty server what an archive of bucketworks export holds: identities with the keys they had, and buckets with their settings.
Only a server is taken on which nothing is that the archive doesn't have, whose keys are none but the archive's, and whose buckets are empty:
no object can be written over, and no younger key ends. Settings of what has a name of the archive's become what the archive says. After an interruption the same command again goes on. Then follow
pulumi up --refresh, bucketworks restore for each bucket, and bucketworks verify: docs/disaster-recovery.md has every step.

--server names a server that no stack leads to; its credentials are MINIO_ACCESS_KEY and MINIO_SECRET_KEY then, root's.

Examples:
  $ bucketworks rebuild server.age --identity-file key.txt --dry-run
  $ bucketworks rebuild server.age --passphrase-file /run/secrets/archive --stage production
  $ bucketworks rebuild server.age --identity-file key.txt --files from-archive

Exit codes: 0 the server has it all, 1 it didn't take everything, 2 wrong use, or the server isn't empty; nothing was changed,
3 the server can't be asked, or not to the end`;

/** `bucketworks rebuild ARCHIVE`: an empty server gets identities and settings back. */
export function rebuildCommand(): Command {
  return addLookOptions(
    new Command("rebuild")
      .description("give an empty server the identities and settings of an archive of bucketworks export")
      .argument("<ARCHIVE>", "file that bucketworks export wrote"),
  )
    .option("--identity-file <file>", "file with the secret key of age that opens it")
    .option("--passphrase-file <file>", "file with the passphrase that opens it")
    .option(
      "--files <folder>",
      "write the archive's platform files and stack settings below this new folder, and do nothing else",
    )
    .option("--dry-run", "say what the archive holds, and whether the server would be taken; change nothing")
    .option("-q, --quiet", "print nothing but what the server didn't take")
    .addHelpText("after", HELP)
    .action(rebuild);
}

async function rebuild(file: string, options: RebuildOptions): Promise<void> {
  const { decrypted } = await import("./archive/encryption.ts");
  const { countsOf, namesIn } = await import("./archive/archive.ts");
  const bytes = readNamedBytes(file, "name a file that bucketworks export wrote");
  const archive = await archiveIn(file, await decrypted("rebuild", file, bytes, options));
  if (options.files !== undefined) return writeOwnFiles(archive, options.files);
  const { server } = lookTarget("rebuild", [], { ...options, identities: false });
  requirePrivateWay("rebuild", server);
  const { about } = archive;
  const from = `${file}: ${countsOf(namesIn(archive))} of ${oneLine(about.server)}, ${about.made}`;
  if (options.quiet !== true) tell(from);
  const full = await onServer(server, "rebuild: nothing was changed", (each) => whyNotEmpty(each, archive));
  if (full !== undefined) {
    const message = `rebuild: ${urlOf(server)} ${full}; an empty server is needed; nothing was changed`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  if (options.dryRun === true) return tell(`${urlOf(server)} would be taken; nothing was changed`);
  const { importParts } = await import("./archive/server-parts.ts");
  const failed = "rebuild: not all of it was taken; the same command again goes on";
  const work = () =>
    onServer(server, failed, async (connection) => {
      const faults = await importParts(connection, archive);
      return [...faults, ...(await lacks(connection, archive))];
    });
  const faults = await audited(checkoutAt(ownRoot()), { action: "server.rebuild", object: urlOf(server) }, work);
  for (const each of faults) print(`not taken: ${oneLine(each)}`);
  if (faults.length > 0) process.exitCode = EXIT.findings;
  else if (options.quiet !== true)
    tell(`${urlOf(server)} has it all; next: pulumi up --refresh, then bucketworks restore`);
}

async function writeOwnFiles(archive: Archive, folder: string): Promise<void> {
  const { writeFiles } = await import("./archive/write-files.ts");
  for (const path of writeFiles(archive, folder)) print(join(folder, path));
}

async function archiveIn(file: string, bytes: Uint8Array): Promise<Archive> {
  const { ArchiveFault, unpacked } = await import("./archive/archive.ts");
  try {
    return unpacked(bytes);
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    throw new CommandError(`rebuild: ${file}: ${error.message}; nothing was changed`, EXIT.wrongUse);
  }
}

/** What is there that isn't the archive's, or an object; undefined where nothing is. */
async function whyNotEmpty(server: Connection, archive: Archive): Promise<string | undefined> {
  const { foreignNames, namesIn, otherKeys } = await import("./archive/archive.ts");
  const { exportedParts, firstFilled } = await import("./archive/server-parts.ts");
  const parts = await exportedParts(server);
  const there = namesIn(parts);
  const [first, ...more] = foreignNames(there, namesIn(archive));
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  if (first !== undefined) return `has ${oneLine(first)}${others}, which the archive doesn't have`;
  const [other] = otherKeys(parts, archive);
  if (other !== undefined)
    return `has another key of ${oneLine(other)} than the archive, which would end it; it is in use, or was made after the loss: remove that one first if the archive's is meant`;
  const filled = await firstFilled(server, there.buckets);
  return filled === undefined ? undefined : `has objects in bucket ${oneLine(filled)}`;
}

async function lacks(server: Connection, archive: Archive): Promise<string[]> {
  const { missingNames, namesIn } = await import("./archive/archive.ts");
  const { exportedParts } = await import("./archive/server-parts.ts");
  return missingNames(namesIn(await exportedParts(server)), namesIn(archive)).map((each) => `${each} isn't there`);
}
