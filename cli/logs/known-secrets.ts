import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseDocument, visit } from "yaml";
import type { Checkout } from "../checkout.ts";
import { readText } from "../local/private-files.ts";

/** Shorter values are words that lines hold for other reasons. */
const SHORTEST = 12;
/** Files of services that hold one secret each, by their names; and documents, in which secrets have such names. */
const ONE = /password|secret|token|\.pem$/i;
const DOCUMENT = /\.(json|ya?ml|ini)$/;
const SECRET_NAME = /(password|secret|token)(?!.*(file|path))/i;
/** Addresses that open something by themselves, in Alertmanager's document. */
const ADDRESS_NAME = /^(api_)?url$/;
/** How often files are looked at again, milliseconds. */
const LOOK = 10_000;

/**
 * The secrets that this checkout keeps in files: of its servers and services, of database roles and of keys that were
 * handed over. Lines are masked by them wherever they come up, whatever their form.
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

function read({ minio, passphrase, postgres, keys, services }: Checkout): string[] {
  const whole = [minio.rootPassword, minio.kmsKey, passphrase, postgres.key].map((file) => readText(file) ?? "");
  const named = [postgres.roles, keys]
    .flatMap((folder) => filesIn(folder))
    .flatMap((file) => valuesIn(readText(file) ?? ""));
  const parts = whole.flatMap((text) => [text, text.slice(text.indexOf(":") + 1)]);
  const long = [...parts, ...named, ...ofServices(services)].filter((text) => text.length >= SHORTEST);
  // The longest first: one may be a part of another.
  return [...new Set(long)].sort((a, b) => b.length - a.length);
}

/** Values of `..._SECRET_KEY=x`, `PG_PASSWORD='x'`, `"secretKey": "x"` and the like. */
function valuesIn(text: string): string[] {
  const found = text.matchAll(/(?:secret|password|token)[\w-]*["']?\s*[:=]\s*["']?([^\s"',]+)/gi);
  return [...found].map(([, value = ""]) => value);
}

/** Of services: files like `reader-password` and `auth/admin-password`, and what documents hold: `alertmanager.yml`, `environment.json`. */
function ofServices(services: string): string[] {
  const files = filesIn(services, 3);
  const whole = files.filter((file) => ONE.test(basename(file)));
  const documents = files.filter((file) => DOCUMENT.test(file) && dirname(dirname(file)) === services);
  return [
    // Lines of a private key have its form: they are masked by that.
    ...whole.map((file) => readText(file) ?? "").filter((text) => !text.includes("\n")),
    ...documents.flatMap((file) => {
      const text = readText(file) ?? "";
      return file.endsWith(".ini") ? valuesIn(text) : namedIn(text, basename(file) === "alertmanager.yml");
    }),
  ];
}

/** Texts of a document that have a secret's name, whatever they hold. */
function namedIn(text: string, areAddressesSecret: boolean): string[] {
  const found: string[] = [];
  visit(parseDocument(text), {
    Pair: (_, { key, value }) => {
      const [name, given] = [String(key), (value as { readonly value?: unknown } | null)?.value];
      const isSecret = SECRET_NAME.test(name) || (areAddressesSecret && ADDRESS_NAME.test(name));
      if (isSecret && typeof given === "string") found.push(given);
    },
  });
  return found;
}

/** @param depth of folders, this one included: those of data lie deep, and are large */
function filesIn(folder: string, depth = Number.POSITIVE_INFINITY): string[] {
  if (depth === 0 || !existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) => {
    const path = join(folder, each.name);
    return each.isDirectory() ? filesIn(path, depth - 1) : [path];
  });
}
