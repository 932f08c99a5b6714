import { realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { backendFolder } from "../config/stack/backend.ts";

/** What `toolchain/env.sh` exports that means one checkout: its state, its server, its credentials. */
const OF_CHECKOUT = [
  "PULUMI_BACKEND_URL",
  "PULUMI_CONFIG_PASSPHRASE_FILE",
  "PULUMI_HOME",
  "MINIO_ROOT_USER_FILE",
  "MINIO_ROOT_PASSWORD_FILE",
  "MC_CONFIG_DIR",
  "BUCKETWORKS_POSTGRES",
  "BUCKETWORKS_MANAGED_BUCKETS",
];

interface Foreign {
  readonly name: string;
  /** Of the checkout that it belongs to. */
  readonly root: string;
}

/**
 * The first variable that means another checkout than the one at `root`. A backend or credentials outside any checkout
 * are somebody's own choice.
 * @param folder that a command names; Pulumi reads a relative backend from there
 */
export function foreignVariable(root: string, env: NodeJS.ProcessEnv, folder = "."): Foreign | undefined {
  for (const name of OF_CHECKOUT) {
    const value = env[name] ?? "";
    const owner = ownerOf(backendIn(value, env, folder) ?? value);
    if (owner !== undefined && !isSame(owner, root)) return { name, root: owner };
  }
  const named = env.BUCKETWORKS_ROOT;
  return named && !isSame(named, root) ? { name: "BUCKETWORKS_ROOT", root: named } : undefined;
}

/** The checkout whose `.bucketworks/` a path leads into. */
function ownerOf(path: string): string | undefined {
  const at = path.lastIndexOf("/.bucketworks/");
  return at < 0 ? undefined : path.slice(0, at);
}

/** Whether a shell's backend is the state of the checkout at `root`; `folder` as of `foreignVariable`. */
export function namesOwnState(root: string, env: NodeJS.ProcessEnv, folder = "."): boolean {
  const named = backendIn(env.PULUMI_BACKEND_URL ?? "", env, folder);
  return named !== undefined && isSame(named, join(root, ".bucketworks", "state"));
}

/** The folder that a backend's URL names, as Pulumi reads it; undefined for any other text. */
function backendIn(url: string, env: NodeJS.ProcessEnv, folder: string): string | undefined {
  const named = backendFolder(url)?.replace(/^~(?=\/|$)/, env.HOME ?? "");
  return named === undefined ? undefined : resolve(folder, named);
}

/** Two names of one folder or file, links resolved. */
export function isSame(one: string, other: string): boolean {
  return one === other || resolved(one) === resolved(other);
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
