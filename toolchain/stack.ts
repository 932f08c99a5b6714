import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { withLock } from "./cache/lock.ts";
import { Fault } from "./fault.ts";
import { mustRun, run } from "./process.ts";

/** The stack every checkout has of its own. */
export const DEV_STACK = "dev";

/** The project's name in Pulumi.yaml. */
function projectName(root: string): string {
  const name = /^name:\s*(\S+)/m.exec(readFileSync(join(root, "Pulumi.yaml"), "utf8"))?.[1];
  if (!name) throw new Fault(`${join(root, "Pulumi.yaml")}: has no name`);
  return name;
}

/** Writes a file only its owner may read, whole or not at all. */
function writePrivate(file: string, text: string): void {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, file);
}

function placesOf(root: string): { own: string; project: string; salt: string; state: string } {
  const own = join(root, ".bucketworks");
  const project = projectName(root);
  const salt = join(own, "stacks", `${DEV_STACK}.salt`);
  return { own, project, salt, state: join(own, "state", ".pulumi", "stacks", project, `${DEV_STACK}.json`) };
}

/**
 * Makes the local stack `dev` of a checkout once: passphrase, state and encryption salt, all under `.bucketworks`. Pulumi
 * writes the salt into the stack's settings file; it is told to do so in a folder that is thrown away, so that no tracked
 * file changes. An existing stack keeps its salt, which its state holds too. Of two runs at once the second one waits.
 * @returns whether anything was made
 */
export async function initDevStack(root: string, signal: AbortSignal): Promise<boolean> {
  const { own, salt, state } = placesOf(root);
  if (existsSync(salt) && existsSync(state)) return false;
  for (const folder of ["state", "stacks", "pulumi-home"])
    mkdirSync(join(own, folder), { recursive: true, mode: 0o700 });
  const waiting = () => {};
  return withLock(join(own, "stacks", "init.lock"), { signal, waiting }, () => makeDevStack(root, signal));
}

/** As `initDevStack`, with no other run beside it; it may have been made while this one waited. */
async function makeDevStack(root: string, signal: AbortSignal): Promise<boolean> {
  const { own, project, salt, state } = placesOf(root);
  if (existsSync(salt) && existsSync(state)) return false;
  const passphrase = join(own, "passphrase");
  if (!existsSync(passphrase)) writePrivate(passphrase, `${randomBytes(24).toString("base64url")}\n`);
  const scratch = mkdtempSync(join(own, "stacks", "init-"));
  try {
    const env = stackEnvironment(own, scratch);
    writeFileSync(join(scratch, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    const settings = join(scratch, `Pulumi.${DEV_STACK}.yaml`);
    if (existsSync(salt)) writeFileSync(settings, `encryptionsalt: ${readFileSync(salt, "utf8").trim()}\n`);
    else if (existsSync(state)) writeFileSync(settings, `encryptionsalt: ${saltOfState(state)}\n`);
    const pulumi = join(own, "toolchain", "lib", "pulumi");
    const options = { cwd: scratch, env, signal };
    if (!existsSync(state))
      await mustRun(
        "making the stack dev",
        pulumi,
        ["stack", "init", DEV_STACK, "--no-select", "--non-interactive"],
        options,
      );
    writePrivate(salt, `${saltOfSettings(settings)}\n`);
    await run(pulumi, ["stack", "select", DEV_STACK, "--cwd", root, "--non-interactive"], options);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return true;
}

function stackEnvironment(own: string, scratch: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PULUMI_HOME: join(own, "pulumi-home"),
    PULUMI_BACKEND_URL: `file://${join(own, "state")}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: join(own, "passphrase"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PWD: scratch,
  };
  delete env.PULUMI_CONFIG_PASSPHRASE;
  delete env.PULUMI_STACK;
  return env;
}

/** A state with resources names the salt its secrets are encrypted with; an empty one has nothing encrypted. */
function saltOfState(file: string): string {
  const salt = /"salt":\s*"([^"]+)"/.exec(readFileSync(file, "utf8"))?.[1];
  if (!salt)
    throw new Fault(
      `${file}: the stack exists, but neither it nor .bucketworks/stacks holds its salt; remove the file if the stack is empty`,
    );
  return salt;
}

function saltOfSettings(file: string): string {
  const salt = /^encryptionsalt:\s*(\S+)/m.exec(readFileSync(file, "utf8"))?.[1];
  if (!salt) throw new Fault(`${file}: pulumi stack init wrote no encryptionsalt`);
  return salt;
}
