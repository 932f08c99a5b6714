import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Checkout } from "../checkout.ts";
import { readText } from "../local/private-files.ts";

/** Shorter values are words that lines hold for other reasons. */
const SHORTEST = 12;
/** How often files are looked at again, milliseconds. */
const LOOK = 10_000;

/**
 * The secrets that this checkout keeps in files: of its servers, of database roles and of keys that were handed over. Lines are
 * masked by them wherever they come up, whatever their form.
 */
export function knownSecrets(checkout: Checkout, now: () => number = Date.now): () => readonly string[] {
  let found: { readonly at: number; readonly secrets: readonly string[] } = {
    at: Number.NEGATIVE_INFINITY,
    secrets: [],
  };
  return () => {
    if (now() - found.at > LOOK) found = { at: now(), secrets: read(checkout) };
    return found.secrets;
  };
}

function read({ minio, passphrase, postgres, keys }: Checkout): string[] {
  const whole = [minio.rootPassword, minio.kmsKey, passphrase, postgres.key].map((file) => readText(file) ?? "");
  const named = [postgres.roles, keys].flatMap(filesIn).flatMap((file) => valuesIn(readText(file) ?? ""));
  const parts = whole.flatMap((text) => [text, text.slice(text.indexOf(":") + 1)]);
  const long = [...parts, ...named].filter((text) => text.length >= SHORTEST);
  // The longest first: one may be a part of another.
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}

/** Values of `..._SECRET_KEY=x`, `PG_PASSWORD='x'`, `"secretKey": "x"` and the like. */
function valuesIn(text: string): string[] {
  const found = text.matchAll(/(?:secret|password|token)[\w-]*["']?\s*[:=]\s*["']?([^\s"',]+)/gi);
  return [...found].map(([, value = ""]) => value);
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}
