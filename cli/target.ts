import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { secureByDefault } from "../config/endpoint.ts";
import type { ResolvedModel } from "../config/model.ts";
import { type Credentials, formatIssue, loadModel } from "../config/spec.ts";
import type { Env } from "../config/variables.ts";
import type { ServerAddress } from "../verify/wire.ts";
import { CommandError, EXIT } from "./exit.ts";
import { checkoutAt, ownRoot } from "./local/checkout.ts";
import { counted } from "./print.ts";
import { refuseUnreadable, specFiles } from "./spec-source.ts";
import { readStackFile, type StackFile } from "./stack-file.ts";

/** What a stage shall look like, and where the server is that shall look so. */
export interface Target {
  readonly model: ResolvedModel;
  readonly server: ServerAddress;
}

export interface TargetRequest {
  /** Name of the stack; its own `bucketworks:stage` says which stage's overlay it uses. */
  readonly stage: string;
  /** Platform files; empty is every platform of the stack. */
  readonly files: readonly string[];
  readonly env: Env;
  /** @default the checkout this program lies in */
  readonly root?: string;
}

const USER = "MINIO_ROOT_USER";
const PASSWORD = "MINIO_ROOT_PASSWORD";

/**
 * Finds model and server as the program does: the stack's configuration, then the environment that
 * `toolchain/env.sh` sets, then `minio_config`. Two things differ, because no engine is asked: credentials encrypted
 * in the stack's configuration must be in the environment, and the stack `dev` finds the local server of the checkout
 * without `env.sh`.
 * @throws CommandError naming what is missing or wrong
 */
export function loadTarget({ stage, files, env, root = ownRoot() }: TargetRequest): Target {
  const stack = readStackFile(root, stage);
  const around = stage === "dev" ? { ...localServer(root), ...defined(env) } : env;
  const given = credentialsOf(around);
  const endpoint = stack.endpoint ?? (around.MINIO_ENDPOINT || undefined);
  const loaded = loadModel({
    ...specFiles(files),
    platforms: files.length > 0 ? undefined : stack.platforms,
    stage: stack.stage ?? stage,
    env: around,
    use: { connection: endpoint === undefined, credentials: given === undefined && !stack.hasCredentials },
  });
  if (!loaded.ok) {
    refuseUnreadable(loaded.issues);
    const lines = [...loaded.issues.map(formatIssue), `no model: ${counted(loaded.issues.length, "fault")}`];
    throw new CommandError(lines.join("\n"), EXIT.findings);
  }
  const { connection } = loaded.model;
  const address = endpoint ?? connection?.endpoint;
  if (address === undefined) throw new CommandError(noEndpoint(stack), EXIT.wrongUse);
  const credentials = given ?? (stack.hasCredentials ? undefined : fallback(loaded.credentials));
  if (credentials === undefined) throw new CommandError(noCredentials(stack), EXIT.wrongUse);
  return {
    model: loaded.model,
    server: {
      endpoint: address,
      endpointFrom: stack.endpoint !== undefined ? stack.file : endpoint ? "MINIO_ENDPOINT" : "minio_config",
      secure: stack.secure ?? connection?.secure ?? secureByDefault(address),
      region: connection?.region ?? "us-east-1",
      ...(stack.caFile !== undefined && {
        caFile: readable(resolve(root, stack.caFile), `${stack.file} bucketworks:caFile`),
      }),
      ...credentials,
    },
  };
}

type Found = Pick<ServerAddress, "accessKey" | "secretKey" | "credentialsFrom">;

/** A variable itself wins over the file that its `_FILE` names. */
function credentialsOf(env: Env): Found | undefined {
  const [user, password] = [USER, PASSWORD].map((name) => variable(env, name));
  if (user === undefined && password === undefined) return undefined;
  if (user === undefined || password === undefined) {
    const [has, lacks] = user === undefined ? [password, USER] : [user, PASSWORD];
    throw new CommandError(`${has?.name} is set, ${lacks} isn't; export ${lacks} or ${lacks}_FILE too`, EXIT.wrongUse);
  }
  return {
    accessKey: user.value,
    secretKey: password.value,
    credentialsFrom: `${user.name} and ${password.name}`,
  };
}

function variable(env: Env, name: string): { name: string; value: string } | undefined {
  const value = env[name];
  if (value) return { name, value };
  const file = env[`${name}_FILE`];
  if (!file) return undefined;
  return { name: `${name}_FILE`, value: readFileSync(readable(file, `${name}_FILE`), "utf8").trim() };
}

function readable(path: string, from: string): string {
  try {
    readFileSync(path);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      `${from}: file ${path} can't be read (${code}); mend the path or write the file`,
      EXIT.wrongUse,
    );
  }
}

function fallback(credentials: Credentials | null): Found | undefined {
  return credentials === null ? undefined : { ...credentials, credentialsFrom: "minio_config" };
}

/** What `toolchain/env.sh` would export for the local server of this checkout. */
function localServer(root: string): Env {
  const { endpoint, rootUser, rootPassword } = checkoutAt(root).minio;
  if (![endpoint, rootUser, rootPassword].every((file) => existsSync(file))) return {};
  return {
    MINIO_ENDPOINT: readFileSync(endpoint, "utf8").trim(),
    MINIO_ROOT_USER_FILE: rootUser,
    MINIO_ROOT_PASSWORD_FILE: rootPassword,
  };
}

function defined(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
}

function noEndpoint({ file }: StackFile): string {
  return `no MinIO endpoint: ${file} has no bucketworks:endpoint and MINIO_ENDPOINT isn't set; pulumi config set bucketworks:endpoint HOST:PORT`;
}

function noCredentials({ file, hasCredentials }: StackFile): string {
  const where = hasCredentials ? `those in ${file} are encrypted and not read here` : `${file} and the specs have none`;
  return `no MinIO credentials: ${where}; export ${USER} and ${PASSWORD}, or ${USER}_FILE and ${PASSWORD}_FILE`;
}
