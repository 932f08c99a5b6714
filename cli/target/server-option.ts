import { readFileSync } from "node:fs";
import { defaults } from "../../config/defaults.ts";
import type { Env } from "../../config/document/variables.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { loadModel } from "../../config/spec.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { specSettings } from "../stack-file.ts";
import { platformsDirOf, specFiles, withoutFaults } from "./specs.ts";

/** A server that the command line names, instead of a stack: inside a cluster there is none. */
export interface NamedServer {
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  /** File with the CA of its certificate. */
  readonly caFile: string | undefined;
}

export interface NamedTarget {
  readonly stage: string;
  /** Platform files; empty is every platform of the checkout. */
  readonly files: readonly string[];
  readonly env: Env;
}

/**
 * The model of a stage and the server it is compared with, by the key in `MINIO_ACCESS_KEY` and `MINIO_SECRET_KEY`
 * and the region in `AWS_REGION`, as the Secret of a key holds them.
 * @throws CommandError naming what is missing or wrong
 */
export function namedTarget(
  { url, caFile }: NamedServer,
  { stage, files, env }: NamedTarget,
): { model: ResolvedModel; server: ServerAddress } {
  const loaded = withoutFaults(
    loadModel({
      ...specFiles(files, platformsDirOf(specSettings(ownRoot()), stage)),
      platforms: undefined,
      stage,
      env,
      use: { connection: false, credentials: false },
    }),
  );
  if (caFile !== undefined) mustRead(caFile);
  const [accessKey, secretKey] = ["MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"].map((name) => {
    const value = env[name];
    if (value) return value;
    throw new CommandError(`${name} isn't set: --server needs the key of an identity; export it`, EXIT.wrongUse);
  }) as [string, string];
  return {
    model: loaded.model,
    server: {
      ...addressOf(url),
      endpointFrom: "--server",
      region: env.AWS_REGION || env.AWS_DEFAULT_REGION || (loaded.model.connection?.region ?? defaults.region),
      regionFix: (region) => `export AWS_REGION=${region}`,
      accessKey,
      secretKey,
      credentialsFrom: "MINIO_ACCESS_KEY and MINIO_SECRET_KEY",
      ...(caFile !== undefined && { caFile }),
    },
  };
}

function addressOf(url: string): { endpoint: string; secure: boolean } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.pathname !== "/" || parsed.username !== "") {
    const shown = JSON.stringify(parsed?.username ? `${parsed.protocol}//...@${parsed.host}` : url);
    throw new CommandError(`--server ${shown} must be http://HOST:PORT or https://HOST:PORT`, EXIT.wrongUse);
  }
  return { endpoint: parsed.host, secure: parsed.protocol === "https:" };
}

function mustRead(path: string): void {
  try {
    readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`--ca-file ${path} can't be read (${code}); fix the path`, EXIT.wrongUse);
  }
}
