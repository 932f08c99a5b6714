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
 */
export function foreignVariable(root: string, env: NodeJS.ProcessEnv): Foreign | undefined {
  for (const name of OF_CHECKOUT) {
    const owner = ownerOf(env[name] ?? "");
    if (owner !== undefined && !isSame(owner, root)) return { name, root: owner };
  }
  const named = env.BUCKETWORKS_ROOT;
  return named && !isSame(named, root) ? { name: "BUCKETWORKS_ROOT", root: named } : undefined;
}

/** The checkout whose `.bucketworks/` a path or file URL leads into. */
function ownerOf(value: string): string | undefined {
  const path = backendFolder(value) ?? value;
  const at = path.lastIndexOf("/.bucketworks/");
  return at < 0 ? undefined : path.slice(0, at);
}

/**
 * Whether a shell's backend is the state of the checkout at `root`.
 * @param folder that a command names; Pulumi reads the backend from there
 */
export function namesOwnState(root: string, env: NodeJS.ProcessEnv, folder = "."): boolean {
  const named = backendFolder(env.PULUMI_BACKEND_URL ?? "")?.replace(/^~(?=\/|$)/, env.HOME ?? "");
  return named !== undefined && isSame(resolve(folder, named), join(root, ".bucketworks", "state"));
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
