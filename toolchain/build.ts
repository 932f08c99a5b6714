// `make toolchain`: gets every piece into the cache and links this checkout to it. Run by bootstrap.sh with the pinned Node.
import { existsSync } from "node:fs";
import { constants, homedir, setPriority } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { systemFault } from "../config/system-fault.ts";
import { DEV_STACK, initDevStack } from "./dev-stack.ts";
import { type Cache, ensure } from "./ensure.ts";
import { Fault, Interrupted } from "./fault.ts";
import {
  linkCheckout,
  linkChromium,
  linkComposeConfig,
  linkEngine,
  linkNode,
  linkRuleChecker,
  linkServices,
  linkTerraform,
  linkUv,
} from "./link-checkout.ts";
import { actionlint } from "./pieces/actionlint.ts";
import { argoRollouts } from "./pieces/argo-rollouts.ts";
import { CHROMIUM_FILE, chromium, chromiumOnPath, requireStart } from "./pieces/chromium.ts";
import { cli } from "./pieces/cli.ts";
import { composeConfig } from "./pieces/compose-config.ts";
import { coredns } from "./pieces/coredns.ts";
import { kubernetes } from "./pieces/kubernetes.ts";
import { kubernetesPlugin } from "./pieces/kubernetes-plugin.ts";
import { languageHost } from "./pieces/language-host.ts";
import { mc as client } from "./pieces/mc.ts";
import { minio as server } from "./pieces/minio.ts";
import { minioPlugin } from "./pieces/minio-plugin.ts";
import { nodePackages } from "./pieces/node-packages.ts";
import type { Recipe } from "./pieces/parts.ts";
import type { Piece, SourceMode } from "./pieces/piece.ts";
import { promtool } from "./pieces/promtool.ts";
import { pulumi } from "./pieces/pulumi.ts";
import { SERVICE_PROGRAMS, servicePrograms } from "./pieces/service-programs.ts";
import { openTofu, terraformProvider } from "./pieces/terraform.ts";
import { uv } from "./pieces/uv.ts";
import { VICTORIA_LOGS, victoriaLogs } from "./pieces/victoria-logs.ts";
import { readPins } from "./pins.ts";
import { StateFault } from "./state/require.ts";
import { runTasks } from "./task-pool.ts";

/**
 * Builds are processor-bound and take up to 2 GB each: two at a time overlap one's downloads with the other's compiling.
 * What two of them have in common is compiled once where one comes after the other, and twice where they run together:
 * of the 922 packages of MinIO's plugin 607 are Pulumi's, of mc's 578 386 are MinIO's.
 */
const AT_ONCE = 2;
/** Niceness. */
const BEHIND = 10;

function sourceMode(): SourceMode {
  const value = process.env.BUCKETWORKS_TOOLCHAIN_SOURCE ?? "auto";
  if (value === "auto" || value === "build" || value === "download") return value;
  throw new Fault(`BUCKETWORKS_TOOLCHAIN_SOURCE: must be auto, build or download, got ${value}`);
}

function recipe(): Recipe {
  const toolchain = import.meta.dirname;
  const pulumiUrl = process.env.BUCKETWORKS_PULUMI_URL ?? "https://get.pulumi.com";
  const siloUrl = process.env.BUCKETWORKS_SILO_URL ?? "https://github.com/pgsty/silo/releases/download";
  return { toolchain, pins: readPins(toolchain), mode: sourceMode(), pulumiUrl, siloUrl };
}

/** `$XDG_CACHE_HOME/bucketworks/toolchain`; bootstrap.sh says the same. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "bucketworks", "toolchain");
}

/** The CLI's folder: official parts are complete, a built CLI gets our language host. */
async function wholeCli(command: Piece, given: Recipe, node: string, cache: Cache): Promise<string> {
  const folder = await ensure(command, cache);
  if (existsSync(join(folder, "pulumi-language-nodejs"))) return folder;
  const host = await ensure(languageHost(given), cache);
  return ensure(cli({ pulumi: folder, languageHost: host, node }, given.pins.pulumi.version), cache);
}

async function buildAll(cache: Cache, lint: boolean, failed: () => void): Promise<void> {
  const given = recipe();
  const node = dirname(dirname(process.execPath));
  // Made first, so that pins which disagree are told before anything is built.
  const pieces = [server(given), minioPlugin(given), client(given)] as const;
  const command = pulumi(given);
  const tasks = [
    () => wholeCli(command, given, node, cache),
    () => ensure(pieces[0], cache),
    () => ensure(pieces[1], cache),
    () => ensure(pieces[2], cache),
  ] as const;
  const [cliFolder, minio, minioPluginFolder, mc] = await runTasks(AT_ONCE, tasks, failed);
  const root = dirname(given.toolchain);
  const kubernetesPluginFolder = await ensure(kubernetesPlugin(given), cache);
  const linter = lint ? await ensure(actionlint(given), cache) : undefined;
  const plugins = { minioPlugin: minioPluginFolder, kubernetesPlugin: kubernetesPluginFolder };
  linkCheckout(root, { node, cli: cliFolder, ...plugins, minio, mc, actionlint: linter }, given.pins);
  try {
    if (await initDevStack(root, cache.signal)) cache.say(`stack ${DEV_STACK}: made in .bucketworks/state`);
  } catch (error) {
    // The toolchain is whole, and `bucketworks recover` needs it; every run of the engine is refused with the sentence.
    if (!(error instanceof StateFault)) throw error;
    cache.say(`stack ${DEV_STACK}: its state is damaged or lost, so none was made; bin/bucketworks recover says more`);
  }
}

/** What deploys on a server that is there: no server, and nothing that judges. The initialiser of Compose has it. */
async function buildEngine(cache: Cache, failed: () => void): Promise<void> {
  const given = recipe();
  const node = dirname(dirname(process.execPath));
  const tasks = [
    () => wholeCli(pulumi(given), given, node, cache),
    () => ensure(minioPlugin(given), cache),
    () => ensure(kubernetesPlugin(given), cache),
    () => ensure(client(given), cache),
  ] as const;
  const [cliFolder, minioPluginFolder, kubernetesPluginFolder, mc] = await runTasks(AT_ONCE, tasks, failed);
  const root = dirname(given.toolchain);
  const pieces = { node, cli: cliFolder, mc, minioPlugin: minioPluginFolder, kubernetesPlugin: kubernetesPluginFolder };
  linkEngine(root, pieces, given.pins);
  await initDevStack(root, cache.signal);
}

/** What a node of the test cluster is made of: minutes of compiling, so one after another and behind everybody else. */
async function buildNode(cache: Cache): Promise<void> {
  const given = recipe();
  setPriority(BEHIND);
  const packages = await ensure(nodePackages(given), cache);
  const programs = await ensure(kubernetes(given), cache);
  // After the node's programs, whose libraries it shares.
  const rollouts = await ensure(argoRollouts(given), cache);
  const names = await ensure(coredns(given), cache);
  linkNode(dirname(given.toolchain), { kubernetes: programs, coredns: names, packages, rollouts });
}

/** Minutes of compiling, too. */
async function buildRuleChecker(cache: Cache): Promise<void> {
  const given = recipe();
  setPriority(BEHIND);
  linkRuleChecker(dirname(given.toolchain), await ensure(promtool(given), cache));
}

/** Seconds of compiling. */
async function buildComposeConfig(cache: Cache): Promise<void> {
  const given = recipe();
  linkComposeConfig(dirname(given.toolchain), await ensure(composeConfig(given), cache));
}

/** What the bench compares with: minutes of compiling. */
async function buildTerraform(cache: Cache): Promise<void> {
  const given = recipe();
  setPriority(BEHIND);
  const provider = await ensure(terraformProvider(given), cache);
  linkTerraform(dirname(given.toolchain), { opentofu: await ensure(openTofu(given), cache), provider });
}

/** What `bucketworks services` runs. */
async function getServices(names: readonly string[], cache: Cache): Promise<void> {
  const given = recipe();
  const known = SERVICE_PROGRAMS.filter((name) => names.includes(name));
  const root = dirname(given.toolchain);
  if (known.length > 0) {
    const folder = await ensure(servicePrograms(known, given), cache);
    linkServices(root, Object.fromEntries(known.map((name) => [name, folder])));
  }
  if (names.includes(VICTORIA_LOGS)) linkServices(root, { [VICTORIA_LOGS]: await ensure(victoriaLogs(given), cache) });
}

/** What tests open pages in. */
async function getChromium(cache: Cache): Promise<void> {
  const given = recipe();
  let file = await chromiumOnPath(given, cache.signal);
  if (file === undefined) {
    const folder = await ensure(chromium(given), cache);
    await requireStart(folder, cache.signal);
    file = join(folder, CHROMIUM_FILE);
  }
  linkChromium(dirname(given.toolchain), file);
}

/** What installs the packages of the data programs. */
async function getUv(cache: Cache): Promise<void> {
  const given = recipe();
  linkUv(dirname(given.toolchain), await ensure(uv(given), cache));
}

const { values: options } = parseArgs({
  options: {
    verify: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
    lint: { type: "boolean", default: false },
    kubernetes: { type: "boolean", default: false },
    "rule-checker": { type: "boolean", default: false },
    chromium: { type: "boolean", default: false },
    "compose-config": { type: "boolean", default: false },
    terraform: { type: "boolean", default: false },
    uv: { type: "boolean", default: false },
    engine: { type: "boolean", default: false },
    service: { type: "string", multiple: true },
  },
});
const stop = new AbortController();
/** The exit code of the signal that ended it. */
let ended: number | undefined;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    ended = 128 + constants.signals[signal];
    stop.abort(new Interrupted(signal));
  });
}
const say = (line: string) => void process.stderr.write(`toolchain: ${line}\n`);
try {
  const cache = { folder: cacheFolder(), signal: stop.signal, thorough: options.verify, say };
  if (options.kubernetes) await buildNode(cache);
  else if (options["rule-checker"]) await buildRuleChecker(cache);
  else if (options.chromium) await getChromium(cache);
  else if (options["compose-config"]) await buildComposeConfig(cache);
  else if (options.terraform) await buildTerraform(cache);
  else if (options.uv) await getUv(cache);
  else if (options.engine) await buildEngine(cache, () => stop.abort(new Interrupted("another piece failed")));
  else if (options.service) await getServices(options.service, cache);
  else await buildAll(cache, options.lint, () => stop.abort(new Interrupted("another piece failed")));
  if (!options.quiet) process.stdout.write("toolchain: ready; `. toolchain/env.sh` puts it on PATH\n");
} catch (error) {
  if (error instanceof Fault) {
    say(error.message);
    process.exitCode = 1;
  } else if (error instanceof Interrupted || stop.signal.aborted) {
    say("interrupted, nothing half-built is left");
    process.exitCode = ended ?? 130;
  } else {
    const sentence = systemFault(error);
    if (sentence === undefined) throw error;
    say(sentence);
    process.exitCode = 1;
  }
}
