import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Command } from "commander";
import { urlOf } from "../live/server-address.ts";
import { requirePrivateWay } from "./archive/private-way.ts";
import { audited } from "./audit-log.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { writePrivateBytes } from "./local/private-files.ts";
import { readStackFile, specSettings } from "./stack-file.ts";
import { addLookOptions } from "./target/look-options.ts";
import { type LookTargetOptions, lookTarget } from "./target/look-target.ts";
import { onServer } from "./target/on-server.ts";
import { platformsDirOf } from "./target/specs.ts";
import { writeNamedFile } from "./terminal/named-file.ts";
import { tell } from "./terminal/print.ts";

interface ExportOptions extends Omit<LookTargetOptions, "identities"> {
  readonly out: string;
  readonly recipient?: string[];
  readonly passphraseFile?: string;
  readonly quiet?: boolean;
}

const HELP = `
Writes one file from which a lost server is rebuilt (bucketworks rebuild), beside the objects, which are in its backups: users, groups,
policies and service accounts with their keys, the settings of every bucket, the platform files and the stack's settings. Keys stay
valid, so no program needs a new one.

The archive is encrypted by age (https://age-encryption.org/v1): for the public keys of those who may open it, or by a passphrase. Keep
it, and what opens it, in different places, and neither on this server. Needs the root credentials or a key with admin:ExportIAM
and admin:ExportBucketMetadata; they are found as verify finds them.

Examples:
  $ bucketworks export --stage production --out server.age --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudqlz2tqv4wy2a
  $ bucketworks export --out server.age --passphrase-file /run/secrets/archive

Exit codes: 0 written, 1 the specs have faults, 2 wrong use, 3 the server can't be asked; nothing is written`;

/** `bucketworks export`: everything of a server but its objects, encrypted. */
export function exportCommand(): Command {
  return addLookOptions(
    new Command("export")
      .description("write identities, settings and specs of a server into an encrypted archive")
      .requiredOption("--out <file>", "where to write; a file that is there is replaced"),
  )
    .option("--recipient <key...>", "public keys of age of those who may open it")
    .option("--passphrase-file <file>", "file with the passphrase that opens it")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(exportServer);
}

async function exportServer(options: ExportOptions): Promise<void> {
  const { out, stage, quiet } = options;
  // Loaded here, as the client of servers is: other commands don't wait for it.
  const { encrypter } = await import("./archive/encryption.ts");
  const encrypting = encrypter("export", options);
  const root = ownRoot();
  const { server } = lookTarget("export", [], { ...options, identities: false });
  requirePrivateWay("export", server);
  const { countsOf, namesIn, packed } = await import("./archive/archive.ts");
  const { exportedParts } = await import("./archive/server-parts.ts");
  const work = async () => {
    const parts = await onServer(server, "export: nothing was written", exportedParts);
    const about = { schema: 1, made: new Date().toISOString(), server: urlOf(server), stage } as const;
    const bytes = await encrypting.encrypt(packed({ about, ...parts, files: ownFiles(root, stage) }));
    writeNamedFile(out, () => writePrivateBytes(out, bytes));
    return { size: bytes.length, names: namesIn(parts) };
  };
  const { size, names } = await audited(checkoutAt(root), { action: "server.export", object: urlOf(server) }, work);
  if (quiet) return;
  tell(`${out}: ${countsOf(names)} of ${urlOf(server)}, encrypted, ${size} bytes`);
}

/** Platform files and the settings of the stack; what a fresh clone of the repository has, as it was on that day. */
function ownFiles(root: string, stage: string): Record<string, Uint8Array> {
  const { file } = readStackFile(root, stage);
  const folder = resolve(root, platformsDirOf(specSettings(root), stage));
  const platforms = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  const paths = [...platforms.map((name) => join(folder, name)), resolve(root, file)];
  return Object.fromEntries(paths.map((path) => [relative(root, path).replace(/^(\.\.\/)+/, ""), readFileSync(path)]));
}
