import { randomBytes, randomInt } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { closeToOthers, makePrivateFolder, readText, writePrivate } from "./private-files.ts";
import { databaseKey, kmsKey, passphrase, password, type SecretForm, userName } from "./secret-form.ts";

/** Name of the one static key of the server's KMS; specs say `encryption: {type: sse-kms, key: bucketworks-dev}`. */
export const KMS_KEY = "bucketworks-dev";

const PASSWORD_LENGTH = 40;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

interface Secret {
  readonly path: string;
  readonly what: string;
  readonly make: () => string;
  readonly form: SecretForm;
  /** Folder that holds something only this secret opens, or undefined while there is nothing to lose. */
  readonly opens: string | undefined;
}

/**
 * Makes the credentials of the server, its KMS key and the passphrase of the state where they aren't there yet.
 * A missing one is never made again over data: users, policies and objects are encrypted with the KMS key, the state
 * with the passphrase, and everything that holds the old root credentials would be locked out.
 * @returns notes for people: what was generated, what was open to others and no longer is
 * @throws CommandError when a secret is gone and what it opens is still there
 */
export function ensureSecrets(checkout: Checkout): string[] {
  makePrivateFolder(checkout.home);
  makePrivateFolder(checkout.minio.folder);
  const secrets = secretsOf(checkout);
  const lost = secrets.filter((secret) => secret.opens !== undefined && readText(secret.path) === undefined);
  if (lost.length > 0) throw new CommandError(lossMessage(checkout, lost), EXIT.wrongUse);
  for (const { path, what, form } of secrets) requireForm(checkout, path, what, form);
  const notes: string[] = [];
  for (const secret of secrets) {
    const place = relative(checkout.root, secret.path);
    if (readText(secret.path) === undefined) {
      writePrivate(secret.path, secret.make());
      notes.push(`generated ${secret.what}: ${place}`);
    } else if (closeToOthers(secret.path, 0o600)) {
      notes.push(`${place} could be read by other users; its mode is 0600 now`);
    }
  }
  return notes;
}

/**
 * Refuses a secret file that is garbled or cut: a server that took it would be open to who guesses what is left.
 * @param instead what a person may do besides putting the file back
 * @throws CommandError naming the file and its form, never what it holds
 */
function requireForm(
  checkout: Checkout,
  path: string,
  what: string,
  form: SecretForm,
  instead = "delete all local data with make clean and start afresh",
): void {
  const text = readText(path);
  const fault = text === undefined ? undefined : form(text);
  if (text === undefined || fault === undefined) return;
  throw new CommandError(
    `${relative(checkout.root, path)}: the ${what} is garbled or cut: must be ${fault}, got ${text.length} characters of another form; nothing was started. Put the file back (from a backup), or ${instead}`,
    EXIT.couldNotLook,
  );
}

/** @throws CommandError where the key of the local databases is garbled: their passwords could be computed from what is left */
export function requireDatabaseKey(checkout: Checkout): void {
  const instead = "remove it: a new one is made, and every role gets a new password";
  requireForm(checkout, checkout.postgres.key, "key of the local databases", databaseKey, instead);
}

/** The root credentials of the local server; what they open is everything, so hand them to the provider only. */
export function rootCredentials(checkout: Checkout): { readonly user: string; readonly password: string } {
  const user = readText(checkout.minio.rootUser);
  const password = readText(checkout.minio.rootPassword);
  if (user !== undefined && password !== undefined) return { user, password };
  throw new CommandError(
    `${relative(checkout.root, checkout.minio.folder)}: no root credentials there; run make up`,
    EXIT.couldNotLook,
  );
}

function secretsOf(checkout: Checkout): Secret[] {
  const { minio } = checkout;
  const data = existsSync(join(minio.data, ".minio.sys")) ? minio.data : undefined;
  const stacks = join(checkout.state, ".pulumi", "stacks");
  const state = existsSync(stacks) && holdsStack(stacks) ? checkout.state : undefined;
  return [
    {
      path: minio.rootUser,
      what: "root user",
      make: () => `bucketworks-${randomBytes(4).toString("hex")}`,
      form: userName,
      opens: data,
    },
    { path: minio.rootPassword, what: "root password", make: newPassword, form: password, opens: data },
    {
      path: minio.kmsKey,
      what: "KMS key",
      make: () => `${KMS_KEY}:${randomBytes(32).toString("base64")}`,
      form: kmsKey,
      opens: data,
    },
    { path: checkout.passphrase, what: "passphrase of the state", make: newPassword, form: passphrase, opens: state },
  ];
}

function holdsStack(folder: string): boolean {
  return readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith(".json"));
}

export function newPassword(): string {
  return Array.from({ length: PASSWORD_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}

function lossMessage(checkout: Checkout, lost: readonly Secret[]): string {
  const lines = lost.map(
    (secret) =>
      `${relative(checkout.root, secret.path)}: the ${secret.what} is missing or empty, but ` +
      `${relative(checkout.root, String(secret.opens))} holds data made with it; a new one would not open that data`,
  );
  return [
    ...lines,
    "put the file back (from a backup), or delete all local data with make clean and start afresh",
  ].join("\n");
}
