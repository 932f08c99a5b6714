import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { ProgramInfo, RunPluginRequest, RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import { type Command, NotInstalledError } from "./children.ts";

/**
 * Finds a module of `@pulumi/pulumi` from the folder of the program, plugin or policy pack that is to run, so that each
 * runs with the SDK it installed.
 * @throws NotInstalledError when there is none
 */
function resolveFrom(folder: string, module: string): string {
  try {
    return createRequire(join(folder, "package.json")).resolve(module);
  } catch {
    throw new NotInstalledError(`@pulumi/pulumi is not installed for ${folder}: run npm ci there`);
  }
}

/** Node's arguments and environment asked for by the runtime options of Pulumi.yaml; `typescript` is on unless set to false. */
function runtimeOptions(info: ProgramInfo | undefined): { nodeArguments: string[]; environment: NodeJS.ProcessEnv } {
  const options: Record<string, unknown> = info?.getOptions()?.toJavaScript() ?? {};
  const environment: NodeJS.ProcessEnv = { PULUMI_NODEJS_TYPESCRIPT: String(options.typescript ?? true) };
  if (typeof options.tsconfig === "string") environment.PULUMI_NODEJS_TSCONFIG_PATH = options.tsconfig;
  const nodeArguments = String(options.nodeargs ?? "").split(/\s+/);
  return { nodeArguments: nodeArguments.filter((argument) => argument !== ""), environment };
}

/** The command line and environment of a Pulumi program, as `cmd/run` wants them. */
export function programCommand(request: RunRequest, engine: string): Command {
  const info = request.getInfo();
  const folder = info?.getProgramDirectory() || request.getPwd();
  const { nodeArguments, environment } = runtimeOptions(info);
  const flags: [string, string][] = [
    ["monitor", request.getMonitorAddress()],
    ["engine", engine],
    ["organization", request.getOrganization()],
    ["root-directory", info?.getRootDirectory() ?? ""],
    ["project", request.getProject()],
    ["stack", request.getStack()],
    ["pwd", request.getPwd()],
    ["parallel", String(request.getParallel())],
  ];
  const given = flags.filter(([, value]) => value !== "").flatMap(([name, value]) => [`--${name}`, value]);
  if (request.getDryrun()) given.push("--dry-run");
  const entry = info?.getEntryPoint() || request.getProgram() || ".";
  return {
    file: process.execPath,
    arguments: [
      ...nodeArguments,
      resolveFrom(folder, "@pulumi/pulumi/cmd/run"),
      ...given,
      entry,
      ...request.getArgsList(),
    ],
    folder: request.getPwd() || folder,
    environment: {
      ...process.env,
      ...environment,
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
  };
}

/** A provider plugin runs in the folder the engine names; a policy pack in its own, which is its last argument too. */
export function pluginCommand(request: RunPluginRequest): Command {
  const info = request.getInfo();
  const folder = info?.getProgramDirectory() || request.getProgram();
  const { nodeArguments, environment } = runtimeOptions(info);
  const analyzer = request.getKind() === "analyzer";
  const runner = resolveFrom(folder, analyzer ? "@pulumi/pulumi/cmd/run-policy-pack" : "@pulumi/pulumi/cmd/run-plugin");
  const given = request.getArgsList();
  return {
    file: process.execPath,
    arguments: [...nodeArguments, runner, ...(analyzer ? [...given, folder] : [folder, ...given])],
    folder: analyzer ? folder : request.getPwd() || folder,
    environment: { ...parseEnvironment(request.getEnvList()), ...environment },
  };
}

/** `npm ci` where there is a lockfile, else `npm install`, with this host's own Node first on PATH. */
export function installCommand(folder: string): Command {
  const path = `${dirname(process.execPath)}:${process.env.PATH ?? ""}`;
  return {
    file: "npm",
    arguments: [existsSync(join(folder, "package-lock.json")) ? "ci" : "install", "--loglevel=error"],
    folder,
    environment: { ...process.env, PATH: path },
  };
}

function parseEnvironment(list: readonly string[]): NodeJS.ProcessEnv {
  const pairs = list.map((entry): [string, string] => {
    const at = entry.indexOf("=");
    return [entry.slice(0, at), entry.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}
