import { randomBytes } from "node:crypto";
import { chownSync } from "node:fs";
import { join, relative } from "node:path";
import { Command } from "commander";
import { COMPOSE_SECRETS, type ComposeSecret } from "../../builders/compose/secrets.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { makePrivateFolder, readText, writePrivate } from "../local/private-files.ts";
import { databaseKey, kmsKey, passphrase, password, type SecretForm, userName } from "../local/secret-form.ts";
import { KMS_KEY, newPassword } from "../local/secrets.ts";
import { print } from "../terminal/print.ts";

/** User and group of containers, where nothing else is said. */
const USUAL_ID = 1000;

interface Secret {
  readonly what: string;
  readonly make: () => string;
  readonly form: SecretForm;
}

const SECRETS: Readonly<Record<ComposeSecret, Secret>> = {
  "minio-root-user": {
    what: "root user of MinIO",
    make: () => `bucketworks-${randomBytes(4).toString("hex")}`,
    form: userName,
  },
  "minio-root-password": { what: "root password of MinIO", make: newPassword, form: password },
  "minio-kms-key": {
    what: "key of MinIO's encryption",
    make: () => `${KMS_KEY}:${randomBytes(32).toString("base64")}`,
    form: kmsKey,
  },
  "database-key": {
    what: "key of the databases' passwords",
    make: () => randomBytes(32).toString("base64"),
    form: databaseKey,
  },
  "state-passphrase": { what: "passphrase of the state", make: newPassword, form: passphrase },
};

const HELP = `
Makes the secrets of compose.yaml, each a file of mode 0600 in .bucketworks/compose. One that is there stays as it is: what was
encrypted with it would be lost. docs/compose.md says where each is used.

Examples:
  $ bucketworks compose secrets
  $ BUCKETWORKS_SECRETS=.bucketworks/compose docker compose up -d

Exit codes: 0 all are there, 2 wrong use, 3 one is garbled, or a file can't be written`;

/** `bucketworks compose secrets`: makes what compose.yaml reads by file. */
export function secretsCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("secrets")
    .description("make the secrets of compose.yaml, where they aren't there yet")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(({ quiet = false }: { quiet?: boolean }) => {
      const made = ensureComposeSecrets(checkout);
      if (!quiet) print(summary(checkout, made));
    });
}

/** Who reads them: the user who calls this, and for root the first user of most systems, as containers aren't root's. */
function reader(): { readonly uid: number; readonly gid: number } {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return uid === 0 ? { uid: USUAL_ID, gid: USUAL_ID } : { uid, gid };
}

function summary({ root, compose }: Checkout, made: readonly ComposeSecret[]): string {
  const folder = relative(root, compose);
  const { uid, gid } = reader();
  const ids = uid === USUAL_ID && gid === USUAL_ID ? [] : [`BUCKETWORKS_UID=${uid}`, `BUCKETWORKS_GID=${gid}`];
  const head = made.length === 0 ? `all secrets are there: ${folder}` : `made in ${folder}: ${made.join(", ")}`;
  return [head, "in .env:", ...[`BUCKETWORKS_SECRETS=${folder}`, ...ids].map((line) => `  ${line}`)].join("\n");
}

/**
 * Makes the secrets that aren't there.
 * @returns which
 * @throws CommandError naming one that is garbled; nothing was made then
 */
export function ensureComposeSecrets(checkout: Checkout): ComposeSecret[] {
  for (const name of COMPOSE_SECRETS) requireForm(checkout, name);
  for (const folder of [checkout.home, checkout.compose]) makePrivateFolder(folder);
  const { uid, gid } = reader();
  const missing = COMPOSE_SECRETS.filter((name) => readText(join(checkout.compose, name)) === undefined);
  for (const name of missing) {
    const file = join(checkout.compose, name);
    writePrivate(file, SECRETS[name].make());
    chownSync(file, uid, gid);
  }
  return missing;
}

function requireForm({ root, compose }: Checkout, name: ComposeSecret): void {
  const file = join(compose, name);
  const text = readText(file);
  const { what, form } = SECRETS[name];
  const fault = text === undefined ? undefined : form(text);
  if (fault === undefined) return;
  throw new CommandError(
    `${relative(root, file)}: the ${what} is garbled or cut: must be ${fault}; nothing was made. Put the file back (from a backup), or remove it together with what it opens: docker compose down --volumes`,
    EXIT.couldNotLook,
  );
}
