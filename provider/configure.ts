import { isLocalServer, START_LOCAL_SERVER } from "../config/stack/local-server.ts";
import { readFileText } from "../config/system-fault.ts";
import type { Properties } from "./property-bags.ts";
import type { ServerConfig } from "./server/connection.ts";

export type Configuration =
  /** An input isn't known before the update: the server may not exist yet, so nothing may dial it. */
  | { readonly state: "unknown" }
  | { readonly state: "incomplete"; readonly missing: readonly string[] }
  | { readonly state: "complete"; readonly config: ServerConfig };

/** The stage that may use the local server, as in `config/stack/server-choice.ts`; empty is what the program's own provider says. */
const LOCAL_STAGES = ["dev", ""];

/**
 * Reads the provider's inputs (named as the keys of the stack's configuration). Where `pulumi import` is used by hand,
 * without an explicit provider, they are that configuration itself: one of stage dev that names no server takes endpoint
 * and credentials from the environment that `toolchain/env.sh` sets, as the program does.
 * @throws when a file named by the environment can't be read
 */
export function configuration({ values, unknowns }: Properties, env: NodeJS.ProcessEnv): Configuration {
  if (unknowns.size > 0) return { state: "unknown" };
  const text = (key: string): string => (typeof values[key] === "string" ? values[key] : "");
  const named = { endpoint: text("endpoint"), rootUser: text("rootUser"), rootPassword: text("rootPassword") };
  const local = LOCAL_STAGES.includes(text("stage")) && Object.values(named).every((value) => value === "");
  const required = local
    ? {
        endpoint: env.MINIO_ENDPOINT ?? "",
        rootUser: fileText(env.MINIO_ROOT_USER_FILE),
        rootPassword: fileText(env.MINIO_ROOT_PASSWORD_FILE),
      }
    : named;
  const missing = Object.entries(required).flatMap(([key, value]) => (value === "" ? [key] : []));
  if (missing.length > 0) return { state: "incomplete", missing };
  return {
    state: "complete",
    config: {
      endpoint: required.endpoint,
      accessKey: required.rootUser,
      secretKey: required.rootPassword,
      // Provider inputs that pass through stack config arrive as text.
      secure: !local && (values.secure === true || values.secure === "true"),
      region: text("region") || "us-east-1",
      ...(isLocalServer(required.endpoint, env) && { wayIn: START_LOCAL_SERVER }),
      ...(text("caFile") !== "" && { caFile: text("caFile") }),
    },
  };
}

function fileText(path: string | undefined): string {
  return path === undefined || path === "" ? "" : readFileText(path).trim();
}
