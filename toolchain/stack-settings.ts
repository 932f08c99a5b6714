/**
 * The settings of a stack as this checkout sees them: the tracked `Pulumi.<stack>.yaml` with what `pulumi config set`
 * and `pulumi stack init` have left in `.bucketworks/stacks/own` on top.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Document, isMap, parseDocument } from "yaml";
import { readFileText } from "../config/system-fault.ts";
import { Fault } from "./fault.ts";

/** Where a stack's secrets are kept; a tracked file that says one of them is shared, and nothing is added to it. */
const KEYS_OF_SECRETS = ["encryptionsalt", "secretsprovider", "encryptedkey"];

/** The checkout's own settings of a stack; absent until something is set. */
export function ownSettings(root: string, stack: string): string {
  return join(root, ".bucketworks", "stacks", "own", `Pulumi.${stack}.yaml`);
}

/**
 * The merged settings as YAML; undefined where neither file is there.
 * @throws Fault when one of the files is not a YAML map
 */
export function stackSettings(root: string, stack: string): string | undefined {
  const tracked = read(join(root, `Pulumi.${stack}.yaml`));
  const own = read(ownSettings(root, stack));
  if (own === undefined || (tracked !== undefined && KEYS_OF_SECRETS.some((key) => tracked.has(key)))) {
    return tracked?.toString();
  }
  if (tracked === undefined) return own.toString();
  for (const { key, value } of entries(own, "config")) tracked.setIn(["config", key], value);
  for (const key of KEYS_OF_SECRETS) if (own.has(key)) tracked.set(key, own.get(key));
  return tracked.toString();
}

function read(path: string): Document | undefined {
  if (!existsSync(path)) return undefined;
  const document = parseDocument(readFileText(path));
  const [error] = document.errors;
  if (error !== undefined) {
    // what the parser says may hold a password
    const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
    throw new Fault(`${path}:${line}:${col} can't be read as YAML; check quotes, brackets and indentation there`);
  }
  if (document.contents === null) document.contents = document.createNode({}) as never;
  if (!isMap(document.contents)) throw new Fault(`${path} can't be read: must be a map of settings`);
  if (document.get("config") === null) document.delete("config");
  return document;
}

function entries(document: Document, key: string): { key: string; value: unknown }[] {
  const found = document.get(key);
  return isMap(found) ? found.items.map((item) => ({ key: String(item.key), value: item.value })) : [];
}
