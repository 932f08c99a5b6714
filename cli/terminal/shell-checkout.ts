import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { backendFolder } from "../../config/stack/backend.ts";
import { shellWord } from "../../config/text/shell.ts";
import { CommandError, EXIT } from "../ending/exit.ts";

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

/** Commands that take server, state and credentials from their own checkout, whatever the shell says, or need none. */
const UNMIXED = ["up", "down", "destroy", "clean", "migrate", "init", "check", "explain", "diff", "path"];

/**
 * Refuses a command whose checkout isn't the one that the shell's variables or the current folder belong to: specs and
 * consent would come from one, server and state from the other. A backend or credentials outside any checkout are
 * somebody's own choice and stay.
 * @param root of the checkout whose command runs
 * @throws CommandError naming both checkouts and what to do
 */
export function refuseOtherCheckout(command: string, root: string, shell: Shell): void {
  const here = checkoutAbove(shell.folder);
  if (here !== undefined && !isSame(here, root)) {
    throw new CommandError(
      `${command}: the current folder is in the checkout ${here}, and this command is of ${root}; nothing was done. For that folder: ${shellWord(join(here, "bin", "bucketworks"))} ${command}`,
      EXIT.wrongUse,
    );
  }
  const other = UNMIXED.includes(command) ? undefined : foreignVariable(root, shell.env);
  if (other === undefined) return;
  throw new CommandError(
    `${command}: this is the checkout ${root}, and the shell's ${other.name} belongs to ${other.root}: specs of the one would meet server and state of the other; nothing was done. For this checkout: . ${shellWord(join(root, "toolchain", "env.sh"))}`,
    EXIT.wrongUse,
  );
}

export interface Shell {
  /** The current folder. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The checkout that a folder lies in; undefined where it lies in none. */
function checkoutAbove(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, "toolchain", "env.sh")) && existsSync(join(at, "bin", "bucketworks"))) return at;
    if (at === dirname(at)) return undefined;
  }
}

interface Foreign {
  readonly name: string;
  /** Of the checkout that it belongs to. */
  readonly root: string;
}

/** The first variable that means another checkout than the one at `root`. */
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

/** Two names of one folder, links resolved. */
function isSame(one: string, other: string): boolean {
  return resolved(one) === resolved(other);
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
