import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parseManaged } from "../managed-buckets.ts";
import { type MinioServer, readMinioServer } from "../minio-server/schema.ts";
import { DEV_STAGE } from "../rules/stage.ts";
import { readFileText, systemFault } from "../system-fault.ts";
import { imageFault } from "../values/image.ts";
import { regionFault } from "../values/region.ts";
import { type ImageBuilds, readImages } from "./images.ts";
import { kmsKeyFault, kmsKeyIn, NEW_KMS_KEY } from "./kms-key.ts";
import { type PostgresSettings, postgresSettings } from "./postgres-settings.ts";
import { deployedAddress, serverSource, stackServerFaults } from "./server-choice.ts";

/** What the stack's configuration and the environment say; the only reader of either. */
export interface Settings {
  /** `bucketworks:stage`, by default the name of the stack. */
  readonly stage: string;
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
  /** The user who gets a new secret by this update; `bucketworks key rotate` alone names one. */
  readonly newSecretFor: string | undefined;
  /** For `${VAR}` in `minio_config`. */
  readonly env: Readonly<Record<string, string | undefined>>;
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

export interface ClusterSettings {
  readonly server: MinioServer;
  /** Context of the kubeconfig; undefined is the current one. */
  readonly context: string | undefined;
  readonly kmsKey: pulumi.Input<string>;
  /** Image of workloads that name none; undefined where the stack has none for them. */
  readonly workloadsImage: string | undefined;
  /** Service accounts whose keys become Secrets for programs that no platform file names. */
  readonly exportedServiceAccounts: readonly string[];
  /** What the Secrets of keys tell AWS SDKs of checksums; undefined is nothing. */
  readonly keyChecksums: "when_required" | undefined;
}

/** `external` is a MinIO that runs already, `kubernetes` one that the stack deploys. */
const TARGETS = ["external", "kubernetes"];

/**
 * Reads `bucketworks:*` of the selected stack. A stack of stage dev that names no endpoint uses the local server that
 * `toolchain/env.sh` points at (`MINIO_ENDPOINT`, `MINIO_ROOT_USER_FILE`, `MINIO_ROOT_PASSWORD_FILE`), else
 * `minio_config`. Keys absent from the stack's file arrive as the empty defaults of Pulumi.yaml.
 * @throws pulumi.RunError with every fault of the stack's server settings, or when a file can't be read
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const config = new pulumi.Config("bucketworks");
  const text = (key: string): string | undefined => config.get(key) || undefined;
  const stage = text("stage") ?? pulumi.getStack();
  const platforms = config.getObject<string[]>("platforms");
  const target = text("target");
  if (target !== undefined && !TARGETS.includes(target)) {
    throw new pulumi.RunError(
      `bucketworks:target must be one of ${TARGETS.join(", ")}, got ${JSON.stringify(target)}; pulumi config set bucketworks:target external`,
    );
  }
  const named = text("endpoint");
  const cluster = target === "kubernetes" ? clusterSettings(config, env, stage) : undefined;
  const hasServer =
    cluster !== undefined || [named, text("rootUser"), text("rootPassword")].some((value) => value !== undefined);
  const ofStack = serverSource(stage, { stack: hasServer, local: Boolean(env.MINIO_ENDPOINT) }) === "stack";
  const { endpoint, secure } = cluster
    ? deployedAddress({
        endpoint: named,
        forwardPort: config.getNumber("forwardPort") || undefined,
        tls: cluster.server.tls,
      })
    : { endpoint: named, secure: config.getBoolean("secure") ?? true };
  return {
    stage,
    platforms: platforms && platforms.length > 0 ? platforms : undefined,
    cluster,
    images: imageSettings(config, env),
    postgres: postgresSettings(config, env, { stage, onKubernetes: cluster !== undefined, isLocal: !ofStack }),
    endpoint: ofStack ? endpoint : env.MINIO_ENDPOINT || undefined,
    secure: ofStack ? secure : undefined,
    caFile: text("caFile"),
    region: regionOf(text("region")),
    credentials: ofStack ? stackCredentials(config, env, { stage, endpoint, secure }) : localCredentials(env),
    ownBuckets: new Set(ofStack ? [] : ownBuckets(env.BUCKETWORKS_MANAGED_BUCKETS)),
    newSecretFor: env.BUCKETWORKS_NEW_SECRET_FOR || undefined,
    env,
  };
}

function regionOf(name: string | undefined): string | undefined {
  const fault = name === undefined ? null : regionFault(name);
  if (fault === null) return name;
  throw new pulumi.RunError(
    `bucketworks:region ${JSON.stringify(name)} ${fault}; set it again: pulumi config set bucketworks:region us-east-1`,
  );
}

function clusterSettings(config: pulumi.Config, env: NodeJS.ProcessEnv, stage: string): ClusterSettings {
  const result = readMinioServer(config.getObject("server"));
  if (!result.ok) throw new pulumi.RunError(result.faults.join("\n"));
  if (stage !== DEV_STAGE && result.server.tls.from === "none") {
    throw new pulumi.RunError(
      "bucketworks:server.tls is none: credentials and data would travel in plaintext, refused outside dev; give the server a certificate: pulumi config set --path bucketworks:server.tls.from secret, then bucketworks:server.tls.secret NAME",
    );
  }
  const kmsKey = encryptionKey(config, env, result.server);
  const workloadsImage = config.get("workloadsImage") || undefined;
  const wrong = workloadsImage === undefined ? null : imageFault(workloadsImage);
  if (wrong !== null) {
    throw new pulumi.RunError(
      `bucketworks:workloadsImage ${workloadsImage} ${wrong}; pulumi config set bucketworks:workloadsImage REGISTRY/workloads:TAG`,
    );
  }
  return {
    server: result.server,
    context: config.get("context") || undefined,
    kmsKey,
    workloadsImage,
    exportedServiceAccounts: config.getObject<string[]>("exportedServiceAccounts") ?? [],
    keyChecksums: keyChecksums(config.get("keyChecksums") || undefined),
  };
}

function keyChecksums(text: string | undefined): "when_required" | undefined {
  if (text === undefined || text === "when_required") return text;
  throw new pulumi.RunError(
    `bucketworks:keyChecksums must be when_required or empty, got ${JSON.stringify(text)}; pulumi config set bucketworks:keyChecksums when_required`,
  );
}

function encryptionKey(config: pulumi.Config, env: NodeJS.ProcessEnv, server: MinioServer): pulumi.Output<string> {
  const plain = config.get("kmsKey");
  const key = config.getSecret("kmsKey");
  if (!plain || key === undefined) {
    throw new pulumi.RunError(
      `the stack has no key for the server's encryption; where an earlier server left volumes put its key back, their objects can be read with no other (while it runs: ${kmsKeyIn(server)}), with pulumi config set --secret bucketworks:kmsKey; else make one: ${NEW_KMS_KEY}`,
    );
  }
  const fault = kmsKeyFault(plain);
  if (fault !== null) throw new pulumi.RunError(`bucketworks:kmsKey ${fault}`);
  if (secretKeys(env).includes("bucketworks:kmsKey")) return key;
  throw new pulumi.RunError(
    `bucketworks:kmsKey stands in plaintext in the stack's file; for a server that has never run make another: ${NEW_KMS_KEY}; else keep it, and encrypt it: ${kmsKeyIn(server)} | pulumi config set --secret bucketworks:kmsKey`,
  );
}

function imageSettings(config: pulumi.Config, env: NodeJS.ProcessEnv): ImageSettings | undefined {
  const user = config.get("imagesUser") || undefined;
  const password = config.getSecret("imagesPassword");
  const result = readImages(config.getObject("images"), {
    serverImage: config.getObject<{ image?: string }>("server")?.image,
    workloadsImage: config.get("workloadsImage") || undefined,
    user,
    password: config.get("imagesPassword") || undefined,
    passwordIsEncrypted: secretKeys(env).includes("bucketworks:imagesPassword"),
  });
  if (!result.ok) throw new pulumi.RunError(result.faults.join("\n"));
  if (result.images === undefined) return undefined;
  return { builds: result.images, login: user && password ? { user, password } : undefined };
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

function stackCredentials(
  config: pulumi.Config,
  env: NodeJS.ProcessEnv,
  at: { stage: string; endpoint: string | undefined; secure: boolean },
): RootCredentials {
  const rootUser = config.get("rootUser") || undefined;
  const faults = stackServerFaults(pulumi.getStack(), at.stage, {
    endpoint: at.endpoint,
    secure: at.secure,
    rootUser,
    rootPassword: config.get("rootPassword") || undefined,
    userIsEncrypted: secretKeys(env).includes("bucketworks:rootUser"),
    passwordIsEncrypted: secretKeys(env).includes("bucketworks:rootPassword"),
  });
  const user = config.getSecret("rootUser");
  const password = config.getSecret("rootPassword");
  if (faults.length > 0 || user === undefined || password === undefined) {
    throw new pulumi.RunError(faults.join("\n"));
  }
  return { user, password };
}

/** The keys that are encrypted in the stack's file, as the engine tells every program. */
function secretKeys(env: NodeJS.ProcessEnv): readonly string[] {
  return JSON.parse(env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[];
}

function localCredentials(env: NodeJS.ProcessEnv): RootCredentials | undefined {
  const { MINIO_ROOT_USER_FILE: userFile, MINIO_ROOT_PASSWORD_FILE: passwordFile } = env;
  if (!userFile || !passwordFile) return undefined;
  return { user: pulumi.secret(fileText(userFile)), password: pulumi.secret(fileText(passwordFile)) };
}

function fileText(path: string): string {
  try {
    return readFileText(path, (file) => readFileSync(file, "utf8")).trim();
  } catch (error) {
    throw new pulumi.RunError(systemFault(error) ?? String(error));
  }
}
