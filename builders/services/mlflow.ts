import type { Services } from "../../config/model.ts";
import { mlflowKey, type ServerKey } from "../key-variables.ts";

export type Mlflow = NonNullable<Services["mlflow"]>;

/** What Python's logging is told, from the server's folder. */
export const MLFLOW_LOG_CONFIG = "log.json";

/** Whom a server of MLflow speaks with, and how it logs in there; secrets are in it. */
export interface MlflowPeers {
  /** Of its service account. */
  readonly key: ServerKey;
  /** Of its role, as `connectionVariables` makes them. */
  readonly database: Readonly<Record<string, string>>;
  /** Under which it is asked for, host or host:port; requests for others are refused. `*` stands for any text. */
  readonly hosts: readonly string[];
  /** How these hosts are asked; https where the server has a certificate. */
  readonly scheme?: "http" | "https";
  /** Of pages that may ask it, besides its own; for example https://mlflow.example.org. */
  readonly origins: readonly string[];
}

/**
 * The environment of `pipelines/mlflow-server/serve.py`. Every client of PostgreSQL reads the login from these variables, so no
 * address holds the password.
 */
export function mlflowEnvironment(
  { bucket, prefix }: Mlflow,
  { key, database, hosts, origins, scheme = "http" }: MlflowPeers,
): Record<string, string> {
  return {
    ...database,
    ...mlflowKey(key),
    // What stands in a person's home is none of its business, nor is the cloud's machine it may run on.
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    AWS_EC2_METADATA_DISABLED: "true",
    MLFLOW_ARTIFACTS_DESTINATION: `s3://${[bucket, prefix.replace(/\/$/, "")].filter(Boolean).join("/")}`,
    MLFLOW_SERVER_ALLOWED_HOSTS: hosts.join(","),
    MLFLOW_SERVER_CORS_ALLOWED_ORIGINS: [...hosts.map((host) => `${scheme}://${host}`), ...origins].join(","),
  };
}

export interface MlflowFolders {
  /** For the counts that `/metrics` shows. */
  readonly metrics: string;
  /** Where uploads wait until they are in the bucket. */
  readonly scratch: string;
  /** Of the admin's password and what MLflow's sessions are signed with. */
  readonly auth: string;
  /** File of everybody else's logins. */
  readonly logins: string;
}

/** Arguments of `serve.py` beside its address; no secret is in them. */
export function mlflowArguments({ workers, auth }: Pick<Mlflow, "workers" | "auth">, folders: MlflowFolders): string[] {
  return [
    `--workers=${workers}`,
    `--metrics=${folders.metrics}`,
    `--scratch=${folders.scratch}`,
    ...(auth ? [`--auth=${folders.auth}`, `--logins=${folders.logins}`] : []),
  ];
}

/** Python's logging for it: one JSON object a line, on standard output. Its service is called as by `bucketworks logs --service`. */
export function mlflowLogging(platform: string): object {
  return {
    version: 1,
    disable_existing_loggers: false,
    formatters: { json: { "()": "log_lines.JsonLines", service: "mlflow", platform } },
    handlers: { lines: { class: "logging.StreamHandler", stream: "ext://sys.stdout", formatter: "json" } },
    root: { level: "INFO", handlers: ["lines"] },
    // Each of its steps is a line.
    loggers: { alembic: { level: "WARNING" } },
  };
}
