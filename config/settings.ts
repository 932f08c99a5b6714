import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** What the stack's configuration and the environment say; the only reader of either. */
export interface Settings {
  /** `bucketworks:stage`, by default the name of the stack. */
  readonly stage: string;
  /** Platforms of this stack by file name; undefined is all of them. */
  readonly platforms: readonly string[] | undefined;
  /** host:port; undefined where neither the stack nor a local server says one. */
  readonly endpoint: string | undefined;
  readonly secure: boolean | undefined;
  readonly caFile: string | undefined;
  /** Credentials of the deploying identity; undefined where neither the stack nor a local server has them. */
  readonly credentials: RootCredentials | undefined;
  /** Buckets that an earlier update of this local stack made; they may be taken back without `adopt`. */
  readonly ownBuckets: ReadonlySet<string>;
  /** For `${VAR}` in `minio_config`. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** As the stack knows them: a secret stays one. */
export interface RootCredentials {
  readonly user: pulumi.Input<string>;
  readonly password: pulumi.Input<string>;
}

/**
 * Reads `bucketworks:*` of the selected stack; for endpoint and credentials that it doesn't set, the local server
 * that `toolchain/env.sh` points at (`MINIO_ENDPOINT`, `MINIO_ROOT_USER_FILE`, `MINIO_ROOT_PASSWORD_FILE`).
 * @throws pulumi.RunError when only one of rootUser and rootPassword is set, or a file can't be read
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const config = new pulumi.Config("bucketworks");
  const platforms = config.getObject<string[]>("platforms");
  return {
    stage: config.get("stage") ?? pulumi.getStack(),
    platforms: platforms && platforms.length > 0 ? platforms : undefined,
    endpoint: config.get("endpoint") ?? env.MINIO_ENDPOINT,
    secure: config.getBoolean("secure"),
    caFile: config.get("caFile"),
    credentials: credentials(config, env),
    ownBuckets: new Set(ownBuckets(env.BUCKETWORKS_MANAGED_BUCKETS)),
    env,
  };
}

/** `bucketworks up` alone names this file: it remembers what `bucketworks destroy` left on the local server. */
function ownBuckets(path: string | undefined): string[] {
  if (path === undefined || !existsSync(path)) return [];
  return (JSON.parse(fileText(path)) as { buckets: string[] }).buckets;
}

function credentials(config: pulumi.Config, env: NodeJS.ProcessEnv): RootCredentials | undefined {
  const user = config.get("rootUser");
  const password = config.getSecret("rootPassword");
  if (user !== undefined && password !== undefined) return { user, password };
  if (user !== undefined || password !== undefined) {
    const missing = user === undefined ? "bucketworks:rootUser" : "--secret bucketworks:rootPassword";
    throw new pulumi.RunError(`rootUser and rootPassword belong together; set the other: pulumi config set ${missing}`);
  }
  const { MINIO_ROOT_USER_FILE: userFile, MINIO_ROOT_PASSWORD_FILE: passwordFile } = env;
  if (!userFile || !passwordFile) return undefined;
  return { user: fileText(userFile), password: pulumi.secret(fileText(passwordFile)) };
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new pulumi.RunError(`credential file ${path} can't be read (${reason}); make up writes it`);
  }
}
