import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { parse } from "yaml";
import { expectedTargets } from "../builders/minio/notifications.ts";
import type { DeclaredConfiguration } from "../config/minio-server/configuration.ts";
import { AUDIT_TARGET, expectedOf } from "../config/minio-server/knobs.ts";
import type { CertificateChoice } from "../config/stack/certificate-choice.ts";
import { formatSettingFault, type SettingFault } from "../config/stack/fault.ts";
import { knownTargetsOf, type NotificationTargets } from "../config/stack/notification-targets.ts";
import { parseStackSettings, type RawSetting } from "../config/stack/parse-settings.ts";
import type { StackSettings } from "../config/stack/schema.ts";
import { stackAddress } from "../config/stack/server-choice.ts";
import { nearest } from "../config/values/nearest.ts";
import { Fault } from "../toolchain/fault.ts";
import { ownSettings, stackSettings } from "../toolchain/stack-settings.ts";
import { CommandError, EXIT } from "./ending/exit.ts";

/** What commands read of a stack's settings; what is encrypted there is only known to be there. */
export interface StackFile
  extends Pick<
    StackSettings,
    | "stage"
    | "platformsDir"
    | "platforms"
    | "caFile"
    | "region"
    | "allowPurge"
    | "tiers"
    | "remotes"
    | "backupTargets"
    | "hopsworks"
  > {
  /** As messages name it. */
  readonly file: string;
  /** host:port; of a server that the stack deploys and names no way to, the forwarded port. */
  readonly endpoint: string | undefined;
  readonly secure: boolean;
  /** The MinIO that the stack deploys on Kubernetes; undefined where it runs elsewhere. */
  readonly deployed: DeployedServer | undefined;
  readonly configuration: ExpectedConfiguration;
  /** What a server is started with beside the rest, where this machine starts it. */
  readonly tuning: Pick<StackSettings["server"], "tuning" | "audit" | "prometheusUrl">;
  readonly notificationTargets: NotificationTargets;
  /** True where it has a token or password for one of them. */
  readonly hasNotificationSecrets: boolean;
  /** True where the stack has credentials of its own. */
  readonly hasCredentials: boolean;
  /** True where it says to whom alerts are sent. */
  readonly hasAlerts: boolean;
  /** Bucket of the backups that PostgreSQL's operator keeps; undefined where it keeps none. */
  readonly postgresBackups: string | undefined;
}

/** What the server's own configuration shall be where it isn't MinIO's default. */
export interface ExpectedConfiguration {
  readonly expected: DeclaredConfiguration;
  /** True where the stack says so itself, and not only what follows from its other settings. */
  readonly isDeclared: boolean;
}

/** Where in a cluster a stack's own MinIO is, and the local port that leads there. */
export interface DeployedServer {
  readonly context: string | undefined;
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** Domain of the cluster's names. */
  readonly clusterDomain: string;
  /** How services beside it prove who they are. */
  readonly servicesTls: CertificateChoice;
  /** True where that port is the way in, as the stack names no endpoint. */
  readonly isForwarded: boolean;
}

/**
 * Reads `Pulumi.<stack>.yaml` at `root` and what `pulumi config set` left beside it, without Pulumi and without its
 * passphrase.
 * @throws CommandError when there is no such stack, or with every fault of its settings
 */
export function readStackFile(root: string, stack: string): StackFile {
  const file = `Pulumi.${stack}.yaml`;
  const text = settingsOf(root, stack);
  if (text === undefined) {
    const near = nearest(stack, stackNames(root));
    const other = near === null ? "name another --stage" : `did you mean ${near}?`;
    const message = `no stack ${JSON.stringify(stack)}: ${file} isn't in the checkout; ${other}, or make it: pulumi stack init ${stack}`;
    throw new CommandError(message, EXIT.wrongUse);
  }
  const { settings, faults } = parseStackSettings(rawSettings(text));
  refuse(stack, faults);
  const { stage, platformsDir, platforms, caFile, region, allowPurge, tiers, remotes, backupTargets, hopsworks } =
    settings;
  const { rootUser, rootPassword } = settings;
  const address = stackAddress(settings);
  return {
    ...{ file, stage, platformsDir, platforms, caFile, region, allowPurge, tiers, remotes, backupTargets },
    hopsworks,
    endpoint: address.endpoint,
    secure: settings.secure ?? address.secure,
    deployed: deployedServer(settings),
    configuration: configurationOf(settings),
    tuning: settings.server,
    notificationTargets: settings.notificationTargets,
    hasNotificationSecrets: settings.notificationSecrets !== undefined,
    hasCredentials: rootUser !== undefined || rootPassword !== undefined,
    hasAlerts: settings.alerts !== undefined,
    postgresBackups: settings.postgres?.kind === "cloudnative-pg" ? settings.postgres.backup?.bucket : undefined,
  };
}

function refuse(stack: string, faults: readonly SettingFault[]): void {
  if (faults.length === 0) return;
  const lines = faults.map((fault) => `Pulumi.${stack}.yaml ${formatSettingFault(fault, stack)}`);
  throw new CommandError(lines.join("\n"), EXIT.wrongUse);
}

/** What a stack says of the specs. */
export interface SpecSettings
  extends Pick<StackSettings, "platformsDir" | "remotes" | "backupTargets" | "endpoint" | "tags"> {
  /** Targets for notifications that its server has, as NAME:KIND; undefined where only the server knows them. */
  readonly knownTargets: readonly string[] | undefined;
  readonly stack: string;
  readonly stage: string;
}

/**
 * Every stack that has settings in the project at `root`, sorted by name, as commands need it that look at specs alone:
 * faults of other settings are no matter to them.
 * @throws CommandError where a folder of platform files is none
 */
export function specSettings(root: string): readonly SpecSettings[] {
  return stackNames(root).map((stack) => {
    const { settings, faults } = parseStackSettings(rawSettings(settingsOf(root, stack) ?? ""));
    refuse(
      stack,
      faults.filter(({ key }) => key === "platformsDir"),
    );
    const { stage = stack, platformsDir, remotes, backupTargets, endpoint, tags } = settings;
    return {
      stack,
      stage,
      platformsDir,
      remotes,
      backupTargets,
      endpoint,
      tags,
      knownTargets: knownTargetsOf(settings),
    };
  });
}

/** Every stack that has settings, tracked or set in this checkout; sorted. */
function stackNames(root: string): string[] {
  const folders = [root, dirname(ownSettings(root, ""))].filter((folder) => existsSync(folder));
  const files = folders.flatMap((folder) => readdirSync(folder));
  return [...new Set(files.flatMap((name) => STACK_FILE.exec(name)?.[1] ?? []))].sort();
}

const STACK_FILE = /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/;

function deployedServer({
  target,
  context,
  server,
  services,
  endpoint,
  forwardPort,
}: StackSettings): DeployedServer | undefined {
  if (target === "external") return undefined;
  const { namespace, service, clusterDomain } = server;
  const servicesTls = services?.tls ?? { from: "none" };
  const isForwarded = endpoint === undefined;
  return { context, namespace, service, clusterDomain, servicesTls, port: forwardPort, isForwarded };
}

/** Of a server that the stack deploys, what it has it start with is expected too; what tunes one, of any. */
function configurationOf({ target, server, notificationTargets }: StackSettings): ExpectedConfiguration {
  const { config, tuning, audit, staleUploadsExpiry } = server;
  const started = target === "external" ? {} : { api: { stale_uploads_expiry: staleUploadsExpiry } };
  const webhook = audit === undefined ? {} : { [`audit_webhook:${AUDIT_TARGET}`]: { endpoint: audit.url } };
  const told = expectedTargets(notificationTargets);
  const parts: DeclaredConfiguration[] = [started, expectedOf(tuning), webhook, told, config];
  const expected: Record<string, Record<string, string>> = {};
  for (const part of parts)
    for (const [name, settings] of Object.entries(part)) expected[name] = { ...expected[name], ...settings };
  return { expected, isDeclared: [config, tuning, webhook].some((part) => Object.keys(part).length > 0) };
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

const NAMESPACE = "bucketworks:";

function rawSettings(text: string): Record<string, RawSetting> {
  const config: unknown = (parse(text) as { config?: unknown } | null)?.config;
  if (!isMapping(config)) return {};
  const own = Object.entries(config).filter(([key]) => key.startsWith(NAMESPACE));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(NAMESPACE.length), rawSetting(value)]));
}

/** Pulumi writes what it has encrypted as a map with the one key `secure`, at any depth. */
function rawSetting(value: unknown): RawSetting {
  const isEncrypted = holdsSecret(value);
  return { value: isEncrypted ? undefined : value, isEncrypted };
}

function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const isSecret = "secure" in value && typeof value.secure === "string" && Object.keys(value).length === 1;
  return isSecret || Object.values(value).some(holdsSecret);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
