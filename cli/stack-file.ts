import { parse } from "yaml";
import { type MinioServer, readMinioServer } from "../config/minio-server/schema.ts";
import { deployedAddress, FORWARD_PORT } from "../config/stack/server-choice.ts";
import { forStack } from "../config/stack/stack-command.ts";
import { regionFault } from "../config/values/region.ts";
import { Fault } from "../toolchain/fault.ts";
import { stackSettings } from "../toolchain/stack-settings.ts";
import { CommandError, EXIT } from "./ending/exit.ts";

/** The plain keys of a stack's settings; what is encrypted there is only known to be there. */
export interface StackFile {
  /** As messages name it. */
  readonly file: string;
  readonly stage: string | undefined;
  readonly platforms: readonly string[] | undefined;
  /** host:port; of a server that the stack deploys and names no way to, the forwarded port. */
  readonly endpoint: string | undefined;
  readonly secure: boolean | undefined;
  readonly caFile: string | undefined;
  readonly region: string | undefined;
  /** The MinIO that the stack deploys on Kubernetes; undefined where it runs elsewhere. */
  readonly deployed: DeployedServer | undefined;
  /** Buckets whose objects `bucketworks purge` may delete, where their spec permits it, too. */
  readonly allowPurge: readonly string[];
  /** True where the stack has credentials of its own. */
  readonly hasCredentials: boolean;
}

/** Where in a cluster a stack's own MinIO is, and the local port that leads there. */
export interface DeployedServer {
  readonly context: string | undefined;
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** True where that port is the way in, as the stack names no endpoint. */
  readonly isForwarded: boolean;
}

/**
 * Reads `Pulumi.<stack>.yaml` at `root` and what `pulumi config set` left beside it, without Pulumi and without its
 * passphrase.
 * @throws CommandError when there is no such stack, or a key isn't what it should be
 */
export function readStackFile(root: string, stack: string): StackFile {
  const file = `Pulumi.${stack}.yaml`;
  const text = settingsOf(root, stack);
  if (text === undefined) {
    const message = `no stack ${JSON.stringify(stack)}: ${file} isn't in the checkout; name another --stage, or make it: pulumi stack init ${stack}`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const config = configOf(text);
  const value = (key: string): unknown => absent(config[`bucketworks:${key}`]);
  const plain = (key: string): string | undefined => plainText(value(key), key, file);
  const own = plain("target") === "kubernetes" ? ownServer(value, file, stack) : undefined;
  const endpoint = plain("endpoint");
  const address = own && deployedAddress({ endpoint, ...own });
  return {
    file,
    stage: plain("stage"),
    platforms: platformNames(value("platforms"), file),
    endpoint: address?.endpoint ?? endpoint,
    secure: flag(plain("secure"), file) ?? address?.secure,
    caFile: plain("caFile"),
    region: regionOf(plain("region"), file, stack),
    deployed: own && {
      context: plain("context"),
      namespace: own.namespace,
      service: own.service,
      port: own.forwardPort,
      isForwarded: endpoint === undefined,
    },
    allowPurge: names(value("allowPurge"), { key: "allowPurge", of: "bucket", file }) ?? [],
    hasCredentials: value("rootUser") !== undefined || value("rootPassword") !== undefined,
  };
}

function ownServer(
  value: (key: string) => unknown,
  file: string,
  stack: string,
): MinioServer & { readonly forwardPort: number } {
  const result = readMinioServer(value("server"));
  if (result.ok) return { ...result.server, forwardPort: portOf(value("forwardPort") ?? FORWARD_PORT, file, stack) };
  const faults = result.faults.map((fault) => `${file} ${forStack(fault, stack)}`);
  throw new CommandError(faults.join("\n"), EXIT.wrongUse);
}

function portOf(value: unknown, file: string, stack: string): number {
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  const fix = `set it again: pulumi config set --stack ${stack} bucketworks:forwardPort ${FORWARD_PORT}`;
  const message = `${file} bucketworks:forwardPort must be a port, 1 to 65535, got ${JSON.stringify(value)}; ${fix}`;
  throw new CommandError(message, EXIT.wrongUse);
}

function regionOf(name: string | undefined, file: string, stack: string): string | undefined {
  const fault = name === undefined ? null : regionFault(name);
  if (fault === null) return name;
  const fix = `set it again: pulumi config set --stack ${stack} bucketworks:region us-east-1`;
  throw new CommandError(`${file} bucketworks:region ${JSON.stringify(name)} ${fault}; ${fix}`, EXIT.wrongUse);
}

/** Whether the stack has settings, tracked or set in this checkout. */
export function hasStackFile(root: string, stack: string): boolean {
  return settingsOf(root, stack) !== undefined;
}

function settingsOf(root: string, stack: string): string | undefined {
  try {
    return stackSettings(root, stack);
  } catch (error) {
    if (error instanceof Fault) throw new CommandError(error.message.replace(`${root}/`, ""), EXIT.wrongUse);
    throw error;
  }
}

function configOf(text: string): Record<string, unknown> {
  const { config } = (parse(text) ?? {}) as { config?: unknown };
  return typeof config === "object" && config !== null ? (config as Record<string, unknown>) : {};
}

/** An empty text is as good as none: it is the default in Pulumi.yaml. */
function absent(value: unknown): unknown {
  return value === null || value === "" ? undefined : value;
}

function plainText(value: unknown, key: string, file: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" || typeof value === "boolean" || typeof value === "number") return String(value);
  const message = `${file} bucketworks:${key} must be plain text, it is encrypted or a list; set it again: pulumi config set bucketworks:${key} VALUE`;
  throw new CommandError(message, EXIT.wrongUse);
}

function flag(text: string | undefined, file: string): boolean | undefined {
  if (text === undefined || text === "true" || text === "false")
    return text === undefined ? undefined : text === "true";
  throw new CommandError(
    `${file} bucketworks:secure must be true or false, got ${JSON.stringify(text)}`,
    EXIT.wrongUse,
  );
}

/** Empty is all platforms. */
function platformNames(value: unknown, file: string): readonly string[] | undefined {
  const listed = names(value, { key: "platforms", of: "platform", file });
  return listed === undefined || listed.length === 0 ? undefined : listed;
}

/** A list, or the JSON text of one, as `pulumi config set` without `--path` leaves it. */
function names(
  value: unknown,
  { key, of, file }: { readonly key: string; readonly of: string; readonly file: string },
): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const list = typeof value === "string" ? jsonValue(value) : value;
  if (Array.isArray(list) && list.every((name) => typeof name === "string")) return list;
  const message = `${file} bucketworks:${key} must be a list of ${of} names; set it: pulumi config set --path 'bucketworks:${key}[0]' NAME`;
  throw new CommandError(message, EXIT.wrongUse);
}

function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
