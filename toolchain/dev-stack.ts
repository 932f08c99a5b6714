import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backendUrl } from "../config/stack/backend.ts";
import { readFileText } from "../config/system-fault.ts";
import { withLock } from "./cache/cache-lock.ts";
import { Fault } from "./fault.ts";
import { writePrivate } from "./private-file.ts";
import { mustRun, run } from "./process.ts";
import { requireState } from "./state/require.ts";
import { projectName, statePlaces } from "./state/state-files.ts";

/** The stack every checkout has of its own. */
export const DEV_STACK = "dev";

interface Places {
  readonly own: string;
  readonly project: string;
  readonly salt: string;
  /** Where the state is. */
  readonly state: string;
  /** Its text; undefined where there is no stack yet. */
  readonly known: string | undefined;
  /** Whether stack and salt are there and whole. */
  readonly made: boolean;
}

function placesOf(root: string): Places {
  const own = join(root, ".bucketworks");
  const project = projectName(root);
  const salt = join(own, "stacks", `${DEV_STACK}.salt`);
  const places = statePlaces(root, project, DEV_STACK);
  const known = requireState(places);
  const made = known !== undefined && existsSync(salt) && !isCut(readFileText(salt).trim(), known);
  return { own, project, salt, state: places.file, known, made };
}

/**
 * Makes the local stack `dev` of a checkout once: passphrase, state and encryption salt, all under `.bucketworks`. Pulumi
 * writes the salt into the stack's settings file; it is told to do so in a folder that is thrown away, so that no tracked
 * file changes. An existing stack keeps its salt, which its state holds too. Of two runs at once the second one waits.
 * @returns whether anything was made
 * @throws StateFault where the stack was there and its state is damaged or lost: no new one is made over what is left
 */
export async function initDevStack(root: string, signal: AbortSignal): Promise<boolean> {
  const { own, made } = placesOf(root);
  if (made) return false;
  for (const folder of ["state", "stacks", "pulumi-home"])
    mkdirSync(join(own, folder), { recursive: true, mode: 0o700 });
  const waiting = () => {};
  return withLock(join(own, "stacks", "init.lock"), { signal, waiting }, () => makeDevStack(root, signal));
}

/** As `initDevStack`, with no other run beside it; it may have been made while this one waited. */
async function makeDevStack(root: string, signal: AbortSignal): Promise<boolean> {
  const { own, project, salt, state, known, made } = placesOf(root);
  if (made) return false;
  const passphrase = join(own, "passphrase");
  if (known === undefined && !existsSync(passphrase))
    writePrivate(passphrase, `${randomBytes(24).toString("base64url")}\n`);
  const scratch = mkdtempSync(join(own, "stacks", "init-"));
  try {
    const env = stackEnvironment(own, scratch);
    writeFileSync(join(scratch, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    const settings = join(scratch, `Pulumi.${DEV_STACK}.yaml`);
    if (known === undefined && existsSync(salt) && readFileSync(salt, "utf8").trim() !== "")
      writeFileSync(settings, `encryptionsalt: ${readFileSync(salt, "utf8").trim()}\n`);
    else if (known !== undefined) writeFileSync(settings, `encryptionsalt: ${saltOfState(state)}\n`);
    const pulumi = join(own, "toolchain", "lib", "pulumi");
    const options = { cwd: scratch, env, signal };
    if (known === undefined)
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
    PULUMI_BACKEND_URL: backendUrl(join(own, "state")),
    PULUMI_CONFIG_PASSPHRASE_FILE: join(own, "passphrase"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PWD: scratch,
  };
  delete env.PULUMI_CONFIG_PASSPHRASE;
  delete env.PULUMI_STACK;
  // A state is text: it is judged and copied as such.
  delete env.PULUMI_SELF_MANAGED_STATE_GZIP;
  delete env.PULUMI_DIY_BACKEND_GZIP;
  return env;
}

/** Whether a salt file was cut off while it was written: the state knows the whole salt. */
function isCut(salt: string, state: string): boolean {
  const whole = /"salt":\s*"([^"]+)"/.exec(state)?.[1];
  return salt === "" || (whole !== undefined && salt !== whole && whole.startsWith(salt));
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
