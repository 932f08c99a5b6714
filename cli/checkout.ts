import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where everything local to one checkout lies. All of it is under `.bucketworks/`, which git ignores. */
export interface Checkout {
  readonly root: string;
  /** `.bucketworks/`, mode 0700. */
  readonly home: string;
  readonly toolchain: string;
  /** Passphrase of the stack's secrets, mode 0600. */
  readonly passphrase: string;
  /** Pulumi's file backend. */
  readonly state: string;
  /** Held by a command that starts, stops or changes things. */
  readonly lock: string;
  /** Names of the buckets that the local stack made, see managed.ts. */
  readonly managed: string;
  /** Folder of the keys that `bucketworks key show` hands over, mode 0700. */
  readonly keys: string;
  readonly mc: { readonly folder: string; readonly config: string };
  readonly minio: {
    readonly folder: string;
    readonly data: string;
    /** MinIO looks for TLS files here instead of in the home folder of the user that starts it. */
    readonly certs: string;
    /** Where requests wait that a webhook for audits could not be told. */
    readonly audit: string;
    /** Where events wait of which a receiver could not be told. */
    readonly notifications: string;
    /** Folder of the file of what receivers are reached with, mode 0700. */
    readonly targets: string;
    readonly rootUser: string;
    readonly rootPassword: string;
    readonly kmsKey: string;
    /** host:port of the S3 API, as text. */
    readonly endpoint: string;
    /** host:port of the console, as text. */
    readonly console: string;
    readonly log: string;
    /** Which processes serve this checkout; absent when none does. */
    readonly run: string;
  };
  /** The local PostgreSQL, where a platform of the stack has a database. */
  readonly postgres: {
    /** Holds the data, the settings and the socket, too. */
    readonly folder: string;
    /** From which every password is made. */
    readonly key: string;
    /** host:port, as text. */
    readonly endpoint: string;
    /** `<role>.env`: how each role logs in. */
    readonly roles: string;
    /** What archives its log and makes its base backups, with the key for that; mode 0700. */
    readonly backup: string;
    readonly log: string;
    readonly run: string;
  };
  /** Folder of what `bucketworks services` runs; each has its own in it. */
  readonly services: string;
  /** Folder of the logs of data programs, and of what commands changed. */
  readonly logs: string;
  /** Folder of the secrets of compose.yaml, mode 0700. */
  readonly compose: string;
}

/** Root of the checkout that this program itself lies in. */
export function ownRoot(): string {
  return dirname(dirname(fileURLToPath(import.meta.url)));
}

/** Names the places of the checkout at `root`; touches nothing. */
export function checkoutAt(root: string): Checkout {
  const home = join(root, ".bucketworks");
  const minio = join(home, "minio");
  const postgres = join(home, "postgres");
  return {
    root,
    home,
    toolchain: join(home, "toolchain", "bin"),
    passphrase: join(home, "passphrase"),
    state: join(home, "state"),
    lock: join(home, "lock"),
    managed: join(home, "managed-buckets.json"),
    keys: join(home, "keys"),
    mc: { folder: join(home, "mc"), config: join(home, "mc", "config.json") },
    minio: {
      folder: minio,
      data: join(minio, "data"),
      certs: join(minio, "certs"),
      audit: join(minio, "audit"),
      notifications: join(minio, "notifications"),
      targets: join(minio, "targets"),
      rootUser: join(minio, "root-user"),
      rootPassword: join(minio, "root-password"),
      kmsKey: join(minio, "kms-key"),
      endpoint: join(minio, "endpoint"),
      console: join(minio, "console"),
      log: join(minio, "minio.log"),
      run: join(minio, "run.json"),
    },
    postgres: {
      folder: postgres,
      key: join(postgres, "key"),
      endpoint: join(postgres, "endpoint"),
      roles: join(postgres, "roles"),
      backup: join(postgres, "backup"),
      log: join(postgres, "postgres.log"),
      run: join(postgres, "run.json"),
    },
    services: join(home, "services"),
    logs: join(home, "logs"),
    compose: join(home, "compose"),
  };
}
