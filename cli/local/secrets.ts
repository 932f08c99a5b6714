import { randomBytes, randomInt } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { CommandError, EXIT } from "../exit.ts";
import type { Checkout } from "./checkout.ts";
import { closeToOthers, makePrivateFolder, readText, writePrivate } from "./private-files.ts";

/** Name of the one static key of the server's KMS; specs say `encryption: {type: sse-kms, key: bucketworks-dev}`. */
export const KMS_KEY = "bucketworks-dev";

const PASSWORD_LENGTH = 40;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

interface Secret {
  readonly path: string;
  readonly what: string;
  readonly make: () => string;
  /** Folder that holds something only this secret opens, or undefined while there is nothing to lose. */
  readonly opens: string | undefined;
}

/**
 * Makes the credentials of the server, its KMS key and the passphrase of the state where they aren't there yet.
 * A missing one is never made anew over data: users, policies and objects are encrypted with the KMS key, the state
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
  const notes: string[] = [];
  for (const secret of secrets) {
    const place = relative(checkout.root, secret.path);
    if (readText(secret.path) === undefined) {
      writePrivate(secret.path, secret.make());
      notes.push(`generated ${secret.what}: ${place}`);
    } else if (closeToOthers(secret.path, 0o600)) {
      notes.push(`${place} could be read by others; it is closed to them now (mode 0600)`);
    }
  }
  return notes;
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
      opens: data,
    },
    { path: minio.rootPassword, what: "root password", make: password, opens: data },
    {
      path: minio.kmsKey,
      what: "KMS key",
      make: () => `${KMS_KEY}:${randomBytes(32).toString("base64")}`,
      opens: data,
    },
    { path: checkout.passphrase, what: "passphrase of the state", make: password, opens: state },
  ];
}

function holdsStack(folder: string): boolean {
  return readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith(".json"));
}

function password(): string {
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
