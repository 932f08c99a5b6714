import { existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterServices } from "../cluster-services/schema.ts";
import type { MinioServer } from "../minio-server/schema.ts";
import type { PostgresServer } from "../postgres-server/schema.ts";
import { readFileText, systemFault } from "../system-fault.ts";
import type { BackupTarget } from "./backup-targets.ts";
import { deploymentFaults } from "./deployment-faults.ts";
import { formatSettingFault } from "./fault.ts";
import type { ImageBuilds } from "./image-builds.ts";
import { localServerSecure } from "./local-server.ts";
import { parseManaged } from "./managed-buckets.ts";
import { type NamedCredentials, parseNamedCredentials } from "./named-credentials.ts";
import { knownTargetsOf, type NotificationTargets } from "./notification-targets.ts";
import { parseStackSettings, type RawSetting } from "./parse-settings.ts";
import type { Remote } from "./remotes.ts";
import type { StackKey, StackSettings } from "./schema.ts";
import { namesServer, serverSource, stackAddress } from "./server-choice.ts";
import type { Tier } from "./tiers.ts";

/** What the stack's configuration and the environment say; the only reader of either. */
export interface Settings {
  /** `bucketworks:stage`, by default the name of the stack. */
  readonly stage: string;
  /** Folder of the platform files, from the project's root. */
  readonly platformsDir: string;
  /** Platforms of this stack by file name; undefined is all of them. */
  readonly platforms: readonly string[] | undefined;
  /** MinIO on Kubernetes, which the stack deploys; undefined where it runs already. */
  readonly cluster: ClusterSettings | undefined;
  /** Images that the stack builds and pushes; undefined where it builds none. */
  readonly images: ImageSettings | undefined;
  /** PostgreSQL for the platforms' databases; undefined where the stack has none. */
  readonly postgres: PostgresSettings | undefined;
  /** host:port; undefined where `minio_config` says it. */
  readonly endpoint: string | undefined;
  readonly secure: boolean | undefined;
  readonly caFile: string | undefined;
  /** Name of the server's region; undefined where `minio_config` or the default says it. */
  readonly region: string | undefined;
  /** Credentials of the deploying identity; undefined where `minio_config` has them. */
  readonly credentials: RootCredentials | undefined;
  /** Buckets that an earlier update of this local stack made; they may be taken back without `adopt`. */
  readonly ownBuckets: ReadonlySet<string>;
  /** Object stores to which lifecycle rules move objects, by name. */
  readonly tiers: readonly TierSettings[];
  /** Targets for notifications that the server has, as NAME:KIND; undefined where only the server knows them. */
  readonly knownTargets: readonly string[] | undefined;
  /** Other servers, to which buckets are replicated, by name. */
  readonly remotes: Readonly<Record<string, RemoteSettings>>;
  /** Other servers, to which buckets are backed up, by name. */
  /** Other servers, to which buckets are backed up, by name. */
  readonly backupTargets: Readonly<Record<string, BackupTargetSettings>>;
  /** The user who gets a new secret by this update; `bucketworks key rotate` alone names one. */
  readonly newSecretFor: string | undefined;
  /** File of the model that is deployed instead of the specs; `bucketworks rollback` alone names one. */
  readonly keptModel: string | undefined;
  /** Service accounts whose former key ends by this update; `bucketworks rotate` and `key rotate` alone name some. */
  readonly endedKeys: ReadonlySet<string>;
  /**
   * Of an update that has keys alone as targets: the file with what is kept of each platform's model, or `state` where the state has
   * it; `bucketworks rotate` and `key rotate` name it.
   */
  readonly keysAlone: string | undefined;
  /** For `${VAR}` in `minio_config`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A tier with its key; `onDelete` is what both of the stack's settings consent to. */
export interface TierSettings extends Tier {
  readonly name: string;
  readonly accessKey: pulumi.Input<string>;
  readonly secretKey: pulumi.Input<string>;
}

/** Another server with the key that may write there. */
export interface RemoteSettings extends Remote {
  readonly accessKey: pulumi.Input<string>;
  readonly secretKey: pulumi.Input<string>;
}

/** Another server that backups go to, with the key that may add to them. */
export interface BackupTargetSettings extends BackupTarget {
  readonly accessKey: pulumi.Input<string>;
  readonly secretKey: pulumi.Input<string>;
}

/** As the stack knows them: a secret stays one. */
export interface RootCredentials {
  readonly user: pulumi.Input<string>;
  readonly password: pulumi.Input<string>;
}

export interface ImageSettings {
  readonly builds: ImageBuilds;
  /** Undefined where docker on this machine has logged in. */
  readonly login: RegistryLogin | undefined;
}

/** As the stack knows it: a secret stays one. */
export interface RegistryLogin {
  readonly user: string;
  readonly password: pulumi.Input<string>;
}

/** The PostgreSQL of a stack: one that it deploys, or the one that `make up` runs beside it. */
export type PostgresSettings = { readonly key: pulumi.Input<string> } & (
  | { readonly kind: "deployed"; readonly server: PostgresServer }
  | { readonly kind: "local"; readonly host: string; readonly port: number }
);

export interface ClusterSettings {
  readonly server: MinioServer;
  /** Context of the kubeconfig; undefined is the current one. */
  readonly context: string | undefined;
  readonly kmsKey: pulumi.Input<string>;
  /** For the webhook that the server tells of requests; undefined where it takes none. */
  readonly auditToken: pulumi.Input<string> | undefined;
  /** Whom the server can tell of objects, by name. */
  readonly notificationTargets: NotificationTargets;
  /** Their tokens and passwords, as JSON; undefined where none has any. */
  readonly notificationSecrets: pulumi.Input<string> | undefined;
  /** Image of workloads that name none; undefined where the stack has none for them. */
  readonly workloadsImage: string | undefined;
  /** Images of data programs, where the stack names them. */
  readonly programImages: StackSettings["programImages"];
  /** Service accounts whose keys become Secrets for programs that no platform file names. */
  readonly exportedServiceAccounts: readonly string[];
  /** How services run beside the server; undefined where the stack deploys none. */
  readonly services: ClusterServices | undefined;
  /** From which the passwords of services are made; undefined where the stack has none. */
  readonly servicesKey: pulumi.Input<string> | undefined;
  /** To whom alerts are sent, as JSON; undefined is nobody. */
  readonly alerts: pulumi.Input<string> | undefined;
  /** What the Secrets of keys tell AWS SDKs of checksums; undefined is nothing. */
  readonly keyChecksums: "when_required" | undefined;
}

/**
 * Reads `bucketworks:*` of the selected stack. A stack of stage dev that names no server uses the local one that
 * `toolchain/env.sh` points at (`MINIO_ENDPOINT`, `MINIO_ROOT_USER_FILE`, `MINIO_ROOT_PASSWORD_FILE`), else
 * `minio_config`. Keys absent from the stack's file arrive as the defaults of Pulumi.yaml.
 * @throws pulumi.RunError with every fault of the stack's settings, or when a file can't be read
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const stack = pulumi.getStack();
  const { settings, faults: wrong } = parseStackSettings(configured(env));
  const stage = settings.stage ?? stack;
  const source = serverSource(stage, { stack: namesServer(settings), local: Boolean(env.MINIO_ENDPOINT) });
  const more = deploymentFaults(settings, stage, source).filter(({ key }) => wrong.every((fault) => fault.key !== key));
  const faults = [...wrong, ...more].map((fault) => formatSettingFault(fault, stack));
  if (faults.length > 0) throw new pulumi.RunError(faults.join("\n"));
  const ofStack = source === "stack";
  const { endpoint, secure } = stackAddress(settings);
  return {
    stage,
    platformsDir: settings.platformsDir,
    platforms: settings.platforms,
    cluster: settings.target === "kubernetes" ? clusterSettings(settings) : undefined,
    images: settings.images && { builds: settings.images, login: registryLogin(settings) },
    postgres: settings.postgres
      ? { kind: "deployed", server: settings.postgres, key: secretOf("databaseKey") }
      : ofStack
        ? undefined
        : localPostgres(env),
    endpoint: ofStack ? endpoint : env.MINIO_ENDPOINT || undefined,
    secure: ofStack ? secure : localServerSecure(env),
    caFile: settings.caFile,
    region: settings.region,
    credentials: ofStack ? { user: secretOf("rootUser"), password: secretOf("rootPassword") } : localCredentials(env),
    ownBuckets: new Set(ofStack ? [] : ownBuckets(env.BUCKETWORKS_MANAGED_BUCKETS)),
    tiers: tierSettings(settings),
    knownTargets: knownTargetsOf(settings),
    remotes: withKeys(settings.remotes, "remoteCredentials"),
    backupTargets: withKeys(settings.backupTargets, "backupTargetCredentials"),
    newSecretFor: env.BUCKETWORKS_NEW_SECRET_FOR || undefined,
    keptModel: env.BUCKETWORKS_KEPT_MODEL || undefined,
    keysAlone: env.BUCKETWORKS_KEYS_ALONE || undefined,
    endedKeys: new Set((env.BUCKETWORKS_ENDED_KEYS ?? "").split(",").filter((name) => name !== "")),
    env,
  };
}

const NAMESPACE = "bucketworks:";

/** The stack's configuration, and which of it is encrypted, as the engine tells every program. */
function configured(env: NodeJS.ProcessEnv): Record<string, RawSetting> {
  const encrypted = new Set(JSON.parse(env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[]);
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(NAMESPACE));
  return Object.fromEntries(
    own.map(([key, value]) => [key.slice(NAMESPACE.length), { value, isEncrypted: encrypted.has(key) }]),
  );
}

function secretOf(key: StackKey): pulumi.Output<string> {
  return new pulumi.Config("bucketworks").requireSecret(key);
}

function clusterSettings(settings: StackSettings): ClusterSettings {
  const { server, context, workloadsImage, programImages, exportedServiceAccounts, keyChecksums, services } = settings;
  const kmsKey = secretOf("kmsKey");
  const alerts = settings.alerts === undefined ? undefined : secretOf("alerts");
  const servicesKey = settings.servicesKey?.text === undefined ? undefined : secretOf("servicesKey");
  const auditToken = settings.auditToken === undefined ? undefined : secretOf("auditToken");
  const notificationSecrets = settings.notificationSecrets === undefined ? undefined : secretOf("notificationSecrets");
  const secrets = { kmsKey, auditToken, servicesKey, alerts, notificationSecrets };
  return {
    server,
    context,
    ...secrets,
    notificationTargets: settings.notificationTargets,
    workloadsImage,
    programImages,
    exportedServiceAccounts,
    services,
    keyChecksums,
  };
}

function tierSettings({ tiers, allowTierRemoval }: StackSettings): TierSettings[] {
  const entries = Object.entries(tiers).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return [];
  const keyOf = keysIn("tierCredentials");
  return entries.map(([name, tier]) => ({
    ...tier,
    name,
    onDelete: allowTierRemoval.includes(name) ? tier.onDelete : "retain",
    ...keyOf(name),
  }));
}

/** Other servers, each with its key. */
function withKeys<T extends object>(servers: Readonly<Record<string, T>>, keys: StackKey): Record<string, T & Secrets> {
  const entries = Object.entries(servers);
  if (entries.length === 0) return {};
  const keyOf = keysIn(keys);
  return Object.fromEntries(entries.map(([name, server]) => [name, { ...server, ...keyOf(name) }]));
}

type Secrets = { readonly [Key in keyof NamedCredentials[string]]: pulumi.Output<string> };

function keysIn(setting: StackKey): (name: string) => Secrets {
  const credentials = secretOf(setting).apply((text) => parseNamedCredentials(text) ?? {});
  const of = (name: string, key: keyof Secrets) => credentials.apply((all) => String(all[name]?.[key]));
  return (name) => ({ accessKey: of(name, "accessKey"), secretKey: of(name, "secretKey") });
}

function registryLogin({ imagesUser, imagesPassword }: StackSettings): RegistryLogin | undefined {
  if (imagesUser?.text === undefined || imagesPassword === undefined) return undefined;
  return { user: imagesUser.text, password: secretOf("imagesPassword") };
}

/** `bucketworks up` alone names this file: it remembers what `bucketworks destroy` left on the local server. */
function ownBuckets(path: string | undefined): readonly string[] {
  if (path === undefined || !existsSync(path)) return [];
  const text = fileText(path);
  try {
    return parseManaged(text, path).buckets;
  } catch (error) {
    throw error instanceof SyntaxError ? new pulumi.RunError(error.message) : error;
  }
}

function localCredentials(env: NodeJS.ProcessEnv): RootCredentials | undefined {
  const { MINIO_ROOT_USER_FILE: userFile, MINIO_ROOT_PASSWORD_FILE: passwordFile } = env;
  if (!userFile || !passwordFile) return undefined;
  return { user: pulumi.secret(fileText(userFile)), password: pulumi.secret(fileText(passwordFile)) };
}

/** `make up` and `toolchain/env.sh` name its folder. */
function localPostgres({ BUCKETWORKS_POSTGRES: folder }: NodeJS.ProcessEnv): PostgresSettings | undefined {
  if (!folder || !existsSync(`${folder}/endpoint`)) return undefined;
  const [host = "", port = ""] = fileText(`${folder}/endpoint`).split(":");
  return { kind: "local", host, port: Number(port), key: pulumi.secret(fileText(`${folder}/key`)) };
}

function fileText(path: string): string {
  try {
    return readFileText(path).trim();
  } catch (error) {
    throw new pulumi.RunError(systemFault(error) ?? String(error));
  }
}
