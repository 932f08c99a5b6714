/**
 * Asked by `toolchain/bin/pulumi` before each run of the CLI: `node plan.ts ROOT ARGUMENTS...` prints what the shell then
 * does, as lines for it. Exit code 1 for a settings file that can't be read, 2 for the wrong checkout, 3 where nothing may
 * be built upon the state; the CLI isn't started then.
 */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { argv, env } from "node:process";
import { systemFault } from "../../config/system-fault.ts";
import { shellWord } from "../../config/text/shell.ts";
import { Fault } from "../fault.ts";
import { foreignVariable, namesOwnState } from "../other-checkout.ts";
import { guardState } from "../state/guard.ts";
import { projectName, statePlaces } from "../state/state-files.ts";
import { type Asked, readArguments } from "./arguments.ts";
import { type Care, careOf } from "./commands.ts";
import { selectedStack } from "./selected-stack.ts";
import { isInsideCluster, isPulumisAlone, makeOwnFolder, mergeSettings, settingsFiles } from "./settings.ts";

/** The CLI with the arguments as they came. */
const RUN = '"$real" "$@"';

const [root = ".", ...args] = argv.slice(2);
/** The exit code of a fault, by where it comes up. */
let refusal = 1;
try {
  const lines = await plan();
  process.stdout.write(`${lines.join("\n")}\n`);
} catch (error) {
  const said = error instanceof Fault ? error.message : systemFault(error);
  if (said === undefined) throw error;
  process.stderr.write(`pulumi: ${said}\n`);
  process.exitCode = refusal;
}

/** The lines for the shell, the last of which becomes the CLI. */
async function plan(): Promise<string[]> {
  const asked = readArguments(args, env);
  const folder = resolve(asked.folder ?? ".");
  const project = projectAbove(folder);
  refuseOthers(project, folder);
  const isOwn = namesOwnState(root, env, folder);
  // Guard, copies and recovery read the state as text, whatever the shell asks for.
  const text = isOwn ? ["unset PULUMI_SELF_MANAGED_STATE_GZIP PULUMI_DIY_BACKEND_GZIP"] : [];
  // Its bundle leaves out what the runtime tells of each resource.
  if (asked.debug) text.push("export BUCKETWORKS_SOURCES=1");
  if (isOwn) await settleJournals();
  const care = careOf(asked.words);
  if (care === undefined) return [...text, `exec ${RUN}`];
  const named = (care.names && asked.words[2]) || asked.stack;
  const chosen = () => env.PULUMI_STACK || (project && selectedStack(project, env));
  // Pulumi asks for the name of a new stack.
  const stack = named ?? (care.settings === "made" ? undefined : chosen());
  const name = stack?.split("/").at(-1);
  if (!stack || !name) return [...text, `exec ${RUN}`];
  // Whichever settings file or folder the command names.
  if (isOwn && care.state !== undefined) {
    refusal = 3;
    guardState(root, name, care.state, project);
    refusal = 1;
  }
  if (care.settings === "renamed" && isOwn && project === root) return [...text, ...renamed(name, asked.words)];
  const isPulumis = project !== root || asked.configFile !== undefined || /renamed|none/.test(care.settings);
  if (isPulumis) return [...text, `exec ${RUN}`];
  const settled = await withSettings(care, asked, stack, name);
  return [...text, ...(isOwn && care.journal ? await withJournal(name) : []), ...settled];
}

/** What an update did that was killed together with its journal's process. */
async function settleJournals(): Promise<void> {
  const folder = join(root, ".bucketworks", "state", ".pulumi");
  if (!existsSync(join(folder, "journals"))) return;
  refusal = 3;
  (await import("../journal/leftover.ts")).settleLeftovers(folder, projectName(root));
  refusal = 1;
}

/** Pulumi's own switch for journals counts here, too. */
async function withJournal(stack: string): Promise<string[]> {
  const { PULUMI_DISABLE_JOURNALING: off = "", BUCKETWORKS_PULUMI_PID: cli } = env;
  const project = projectName(root);
  if (/^(true|1)$/i.test(off) || !cli || !existsSync(statePlaces(root, project, stack).file)) return [];
  refusal = 255;
  const { startJournal } = await import("../journal/start.ts");
  const told = await startJournal(join(root, ".bucketworks", "state"), project, stack, Number(cli));
  refusal = 1;
  const all = { BUCKETWORKS_STATE_URL: env.PULUMI_BACKEND_URL ?? "", ...told };
  return Object.entries(all).map(([name, value]) => `export ${name}=${shellWord(value)}`);
}

async function withSettings(care: Care, asked: Asked, stack: string, name: string): Promise<string[]> {
  const files = settingsFiles(root, name);
  const start = (settings: string) =>
    care.server && isInsideCluster(settings)
      ? `exec "$node" ${shellWord(join(root, "cli/main.ts"))} forward --quiet --stack ${shellWord(name)} -- ${RUN}`
      : `exec ${RUN}`;
  if (isPulumisAlone(files, care.settings === "made")) return [start(files.tracked)];
  // what Pulumi writes there is the owner's alone
  const mine = ["umask 077"];
  if (care.settings === "merged") {
    if (asked.sets) tell("-c counts for this run only; `pulumi config set` keeps a value");
    await mergeSettings(files);
    return [...mine, `export PULUMI_OPTION_CONFIG_FILE=${shellWord(files.merged)}`, start(files.merged)];
  }
  makeOwnFolder(files);
  if (care.settings === "own") {
    const place = relative(root, files.own);
    tell(`saved in this clone only, not in git: ${place}. To share it, edit Pulumi.${name}.yaml`);
    return [...mine, `export PULUMI_OPTION_CONFIG_FILE=${shellWord(files.own)}`, `exec ${RUN}`];
  }
  // The last of two -C counts; the first one has been followed.
  const run = asked.folder === undefined || args.includes("--") ? RUN : `${RUN} -C .`;
  mine.push(`export PULUMI_STACK=${shellWord(stack)}`, `cd ${shellWord(files.folder)} || exit`);
  if (care.settings === "beside") return [...mine, `exec ${run}`];
  const own = shellWord(files.own);
  const select = `exec "$real" stack select ${shellWord(name)} --cwd ${shellWord(root)}`;
  return [...mine, `${run} || exit`, `[ -f ${own} ] || : >${own}`, asked.noSelect ? "exit" : select];
}

function renamed(name: string, [, , newName = ""]: readonly string[]): string[] {
  const after = [join(root, "toolchain/state/renamed.ts"), root, name, newName.split("/").at(-1) ?? ""];
  return [`${RUN} || exit`, `NODE_OPTIONS='' "$node" ${after.map(shellWord).join(" ")}`];
}

/** The folder of the nearest Pulumi.yaml, links resolved; undefined where there is none. */
function projectAbove(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  for (let at = realpathSync(folder); ; at = dirname(at)) {
    if (existsSync(join(at, "Pulumi.yaml"))) return at;
    if (at === dirname(at)) return undefined;
  }
}

function refuseOthers(project: string | undefined, folder: string): void {
  const refuse = (what: string, owner: string, of: string) => {
    refusal = 2;
    throw new Fault(
      `this is the pulumi of the checkout ${root}, and ${what} belongs to ${owner}: specs of the one would meet server and state of the other; nothing was done. For ${of}: . '${of}/toolchain/env.sh'`,
    );
  };
  if (project !== undefined && project !== root && existsSync(join(project, "toolchain/bin/pulumi")))
    refuse("the folder", project, project);
  const foreign = foreignVariable(root, env, folder);
  if (foreign !== undefined) refuse(`the shell's ${foreign.name}`, foreign.root, root);
}

function tell(what: string): void {
  process.stderr.write(`pulumi: ${what}\n`);
}
