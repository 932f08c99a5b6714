import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { isStageName } from "../../config/document/overlay.ts";
import type { Env } from "../../config/document/variables.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { LOG_LEVELS, type LogLevel, requestLog } from "../terminal/request-log.ts";
import type { Target } from "./target.ts";

/** What the variables of the programs that this project replaces say; undefined where they aren't set. */
export interface SourceVariables {
  /** ENVIRONMENT. */
  readonly stage: string | undefined;
  /** CONFIG_DIR and BUCKET_CONFIG_FILE: the platform file. */
  readonly file: string | undefined;
  /** LOG_LEVEL. */
  readonly logLevel: LogLevel;
  /** VALIDATION_INTERVAL, seconds. */
  readonly interval: number | undefined;
  /** HEALTH_CHECK_TIMEOUT, seconds. */
  readonly timeout: number | undefined;
}

/** What the source's own file is called, where CONFIG_DIR alone is set. */
const FILE = "minio-buckets.yaml";
const DAY = 86_400;

/** For `--help`. */
export const SOURCE_VARIABLES_HELP = `Variables: ENVIRONMENT is the stage, CONFIG_DIR and BUCKET_CONFIG_FILE the platform file, HEALTH_CHECK_TIMEOUT the seconds
that an answer may take, LOG_LEVEL debug shows every request with its time. Options win over variables, and
BUCKETWORKS_STAGE over ENVIRONMENT.`;

/**
 * Reads the variables of the source's programs.
 * @throws CommandError naming the variable with the value that it can't have, and what is allowed
 */
export function sourceVariables(env: Env): SourceVariables {
  return {
    stage: stageIn(env),
    file: fileIn(env),
    logLevel: levelIn(env),
    interval: secondsIn(env, "VALIDATION_INTERVAL", DAY),
    timeout: secondsIn(env, "HEALTH_CHECK_TIMEOUT", 600),
  };
}

/** What a command that looks takes from its command line. */
interface Given {
  readonly files: readonly string[];
  readonly stage: string;
  readonly quiet?: boolean | undefined;
}

export interface Asked {
  readonly files: readonly string[];
  readonly stage: string;
  readonly quiet: boolean;
  readonly source: SourceVariables;
}

/** Command line and variables together: an option or argument wins over a variable, that over a default. */
export function askedOf(command: Command, { files, stage, quiet = false }: Given, env: Env): Asked {
  const source = sourceVariables(env);
  const isDefault = command.getOptionValueSource("stage") === "default";
  return {
    files: files.length > 0 || source.file === undefined ? files : [source.file],
    stage: (isDefault ? source.stage : undefined) ?? stage,
    quiet: quiet || source.logLevel === "warning" || source.logLevel === "error",
    source,
  };
}

/** The target, asked with the limit and the log that the variables want. */
export function withSource(target: Target, { timeout, logLevel }: SourceVariables): Target {
  const server: ServerAddress = {
    ...target.server,
    ...(timeout !== undefined && { answerSeconds: timeout }),
    ...(logLevel === "debug" && { onRequest: requestLog(process.stderr) }),
  };
  return { ...target, server };
}

function stageIn({ ENVIRONMENT: stage }: Env): string | undefined {
  if (!stage) return undefined;
  if (isStageName(stage)) return stage;
  throw wrong("ENVIRONMENT", stage, "a stage: lower-case letters, digits and dashes");
}

function fileIn({ CONFIG_DIR: folder, BUCKET_CONFIG_FILE: name }: Env): string | undefined {
  if (!folder && !name) return undefined;
  const file = folder ? join(folder, name || FILE) : (name ?? FILE);
  if (existsSync(file)) return file;
  const from = [folder && "CONFIG_DIR", name && "BUCKET_CONFIG_FILE"].filter(Boolean).join(" and ");
  throw wrong(from, file, "a platform file that is there");
}

function levelIn({ LOG_LEVEL: given }: Env): LogLevel {
  if (!given) return "info";
  const level = LOG_LEVELS.find((each) => each === given.toLowerCase());
  if (level !== undefined) return level;
  throw wrong("LOG_LEVEL", given, LOG_LEVELS.join(", "));
}

function secondsIn(env: Env, name: string, most: number): number | undefined {
  const given = env[name];
  if (!given) return undefined;
  const seconds = Number(given);
  if (/^\d+$/.test(given) && seconds >= 1 && seconds <= most) return seconds;
  throw wrong(name, given, `whole seconds from 1 to ${most}`);
}

function wrong(name: string, value: string, allowed: string): CommandError {
  return new CommandError(`${name} ${JSON.stringify(value)} must be ${allowed}; fix it or unset it`, EXIT.wrongUse);
}
