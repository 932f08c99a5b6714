import type { Fault } from "../issues.ts";
import { secureByDefault } from "../values/endpoint.ts";
import type { View } from "./stage-view.ts";

/** Which parts of the files' `minio_config` the stage really uses; stack config wins over both. */
export interface FallbackUse {
  readonly connection: boolean;
  readonly credentials: boolean;
}

/** The stage for trying things out; every other one is judged as real. */
export const DEV_STAGE = "dev";
/** Credentials that everybody knows. */
export const DEFAULT_ACCESS_KEYS: readonly string[] = ["minioadmin"];
export const DEFAULT_SECRET_KEYS: readonly string[] = [
  "minioadmin",
  "minioadmin123",
  "minio123",
  "password",
  "changeme",
];

/** Rules on `minio_config` outside dev: no credential everybody knows, no connection everybody can read. */
export function stageFaults({ spec }: View, stage: string, use: FallbackUse): Fault[] {
  const config = spec.minio_config;
  if (stage === DEV_STAGE || config === undefined) return [];
  const faults: Fault[] = [];
  const remedy = `give stage ${stage} another value, or write minio_config: null under environments.${stage} and leave it to the stack`;
  const known = (key: "access_key" | "secret_key", list: readonly string[]): void => {
    const value = config[key];
    if (value === undefined || !list.includes(value)) return;
    const message = `${key} is a well-known default, refused outside dev`;
    faults.push({ code: "default-credential", path: ["minio_config", key], message, fix: remedy });
  };
  if (use.credentials) {
    known("access_key", DEFAULT_ACCESS_KEYS);
    known("secret_key", DEFAULT_SECRET_KEYS);
  }
  const secure = config.secure ?? secureByDefault(config.endpoint);
  if (use.connection && !secure) {
    const said = config.secure === false ? "secure: false" : "an endpoint on this machine without secure: true";
    const message = `${said} sends credentials and data in plaintext, refused outside dev`;
    const key = config.secure === false ? "secure" : "endpoint";
    faults.push({ code: "insecure-connection", path: ["minio_config", key], message, fix: remedy });
  }
  return faults;
}
