import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { accountPolicySizes } from "../../builders/account-policy-size.ts";
import { defaults } from "../../config/defaults.ts";
import type { Env } from "../../config/document/variables.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { declaredBackupTargets, declaredRemotes } from "../../config/rules/remotes.ts";
import { DEV_STAGE } from "../../config/rules/stage.ts";
import { type Credentials, loadModel } from "../../config/spec.ts";
import { isLocalServer, localServerSecure, START_LOCAL_SERVER } from "../../config/stack/local-server.ts";
import type { Remotes } from "../../config/stack/remotes.ts";
import { serverSource } from "../../config/stack/server-choice.ts";
import { readFileText, systemFault } from "../../config/system-fault.ts";
import { secureByDefault } from "../../config/values/endpoint.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readStackFile, type StackFile } from "../stack-file.ts";
import { fromHere } from "../terminal/path-from-here.ts";
import { specFiles, withoutFaults } from "./specs.ts";
import { stackCredentials } from "./stack-credentials.ts";

/** What a stage shall look like, and where the server is that shall look so. */
export interface Target {
  readonly model: ResolvedModel;
  /** Other servers that the stack names; absent where no stack is known. */
  readonly remotes?: Remotes;
  readonly server: ServerAddress;
}

export interface TargetRequest {
  /** Name of the stack; its own `bucketworks:stage` says which stage's overlay it uses. */
  readonly stage: string;
  /** Platform files; empty is every platform of the stack. */
  readonly files: readonly string[];
  readonly env: Env;
  /** A platform of the stack that has no file yet. */
  readonly without?: string;
  /** @default the checkout this program lies in */
  readonly root?: string;
}

const USER = "MINIO_ROOT_USER";
const PASSWORD = "MINIO_ROOT_PASSWORD";

/**
 * Finds model and server as the program does: stage dev without settings of its own uses the environment that
 * `toolchain/env.sh` sets, or the local server of the checkout, or `minio_config`; every other stack says itself where
 * its server is. Credentials in `MINIO_ROOT_USER` and `MINIO_ROOT_PASSWORD` win over those of the stack.
 * @throws CommandError naming what is missing or wrong
 */
export function loadTarget({ stage: name, files, env, without, root = ownRoot() }: TargetRequest): Target {
  const stack = readStackFile(root, name);
  const stage = stack.stage ?? name;
  const around = stage === DEV_STAGE ? { ...localServer(root), ...defined(env) } : env;
  const has = { stack: stack.endpoint !== undefined || stack.hasCredentials, local: Boolean(around.MINIO_ENDPOINT) };
  const source = serverSource(stage, has);
  const given = credentialsOf(source === "stack" ? withoutLocal(env, root) : around);
  const endpoint = source === "stack" ? stack.endpoint : around.MINIO_ENDPOINT || undefined;
  const loaded = withoutFaults(
    loadModel({
      rules: [
        accountPolicySizes,
        declaredRemotes(stage, stack.remotes, endpoint),
        declaredBackupTargets(stage, stack.backupTargets, endpoint),
      ],
      ...specFiles(files, stack.platformsDir, root),
      platforms: files.length > 0 ? undefined : stack.platforms?.filter((platform) => platform !== without),
      stage,
      env: around,
      use: { connection: source === "spec", credentials: source !== "stack" && given === undefined },
    }),
  );
  const { connection } = loaded.model;
  const address = source === "stack" ? endpoint : (endpoint ?? connection?.endpoint);
  if (address === undefined) throw new CommandError(noEndpoint(stack, name, stage), EXIT.wrongUse);
  const kept = () => (source === "stack" ? stackCredentials(root, name, env) : fallback(loaded.credentials));
  const credentials = given ?? kept();
  if (credentials === undefined) throw new CommandError(noCredentials(stack), EXIT.wrongUse);
  const way = source === "stack" ? forwarded(name, stack) : localWayIn(address, around);
  return {
    model: loaded.model,
    remotes: stack.remotes,
    server: {
      endpoint: address,
      endpointFrom: source === "stack" ? stack.file : endpoint ? "MINIO_ENDPOINT" : "minio_config",
      ...(way !== undefined && { wayIn: way }),
      secure:
        source === "stack"
          ? stack.secure
          : (localServerSecure(around) ?? connection?.secure ?? secureByDefault(address)),
      region: stack.region ?? connection?.region ?? defaults.region,
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
    readFileText(path);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") throw new CommandError(`${from}: ${systemFault(error, fromHere)}`, EXIT.couldNotLook);
    throw new CommandError(
      `${from}: file ${path} can't be read (${code}); fix the path or write the file`,
      EXIT.wrongUse,
    );
  }
}

function fallback(credentials: Credentials | null): Found | undefined {
  return credentials === null ? undefined : { ...credentials, credentialsFrom: "minio_config" };
}

/** The environment without what `toolchain/env.sh` says of the local server: it is not the one the stack names. */
function withoutLocal(env: Env, root: string): Env {
  const { MINIO_ROOT_USER_FILE: user, MINIO_ROOT_PASSWORD_FILE: password, ...rest } = env;
  const { rootUser, rootPassword } = checkoutAt(root).minio;
  if (user === rootUser && password === rootPassword) return rest;
  return env;
}

/** What `toolchain/env.sh` would export for the local server of this checkout. */
function localServer(root: string): Env {
  const { endpoint, rootUser, rootPassword } = checkoutAt(root).minio;
  if (![endpoint, rootUser, rootPassword].every((file) => existsSync(file))) return {};
  return {
    MINIO_ENDPOINT: readFileText(endpoint).trim(),
    MINIO_ROOT_USER_FILE: rootUser,
    MINIO_ROOT_PASSWORD_FILE: rootPassword,
  };
}

function defined(env: Env): Env {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
}

/** What to do where nothing listens at the forwarded port; undefined where none is. */
function forwarded(name: string, { deployed }: StackFile): string | undefined {
  if (!deployed?.isForwarded) return undefined;
  return `it runs in a cluster, and this port reaches it only while it is forwarded: bucketworks forward --stack ${name} -- bucketworks COMMAND (after . toolchain/env.sh)`;
}

/** As `forwarded`, of stage dev; undefined where somebody named the server by hand. */
function localWayIn(endpoint: string, env: Env): string | undefined {
  if (isLocalServer(endpoint, env)) return START_LOCAL_SERVER;
  return env.MINIO_ENDPOINT ? undefined : "make up starts a local server; for another one set bucketworks:endpoint";
}

function noEndpoint({ file, hasCredentials }: StackFile, stack: string, stage: string): string {
  // Credentials are of a server that somebody has: no local one is started for them.
  const local = stage === DEV_STAGE && !hasCredentials ? "make up starts a local server; for another one " : "";
  return `no MinIO endpoint: ${file} has no bucketworks:endpoint; ${local}pulumi config set --stack ${stack} bucketworks:endpoint HOST:PORT`;
}

function noCredentials({ file, hasCredentials }: StackFile): string {
  const where = hasCredentials ? `those in ${file} are encrypted and not read here` : `${file} and the specs have none`;
  return `no MinIO credentials: ${where}; export ${USER} and ${PASSWORD}, or ${USER}_FILE and ${PASSWORD}_FILE`;
}
