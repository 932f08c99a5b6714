import { readFileSync } from "node:fs";
import type { ServerConfig } from "./server/connection.ts";
import type { Properties } from "./wire.ts";

export type Configuration =
  /** An input isn't known before the update: the server may not exist yet, so nothing may dial it. */
  | { readonly state: "unknown" }
  | { readonly state: "incomplete"; readonly missing: readonly string[] }
  | { readonly state: "complete"; readonly config: ServerConfig };

/**
 * Reads the provider's inputs (named as the keys of the stack's configuration). What is absent there comes from the
 * environment that `toolchain/env.sh` sets, so that `pulumi import` works by hand without an explicit provider.
 * @throws when a file named by the environment can't be read
 */
export function configuration({ values, unknowns }: Properties, env: NodeJS.ProcessEnv): Configuration {
  if (unknowns.size > 0) return { state: "unknown" };
  const text = (key: string): string => (typeof values[key] === "string" ? values[key] : "");
  const required = {
    endpoint: text("endpoint") || (env.MINIO_ENDPOINT ?? ""),
    rootUser: text("rootUser") || fileText(env.MINIO_ROOT_USER_FILE),
    rootPassword: text("rootPassword") || fileText(env.MINIO_ROOT_PASSWORD_FILE),
  };
  const missing = Object.entries(required).flatMap(([key, value]) => (value === "" ? [key] : []));
  if (missing.length > 0) return { state: "incomplete", missing };
  return {
    state: "complete",
    config: {
      endpoint: required.endpoint,
      accessKey: required.rootUser,
      secretKey: required.rootPassword,
      // Provider inputs that pass through stack config arrive as text.
      secure: values.secure === true || values.secure === "true",
      region: text("region") || "us-east-1",
      ...(text("caFile") !== "" && { caFile: text("caFile") }),
    },
  };
}

function fileText(path: string | undefined): string {
  return path === undefined || path === "" ? "" : readFileSync(path, "utf8").trim();
}
