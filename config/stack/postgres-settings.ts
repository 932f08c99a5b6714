import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { hasTls, type PostgresServer, readPostgresServer } from "../postgres-server/schema.ts";
import { DEV_STAGE } from "../rules/stage.ts";
import { readFileText } from "../system-fault.ts";
import { databaseKeyFault } from "./database-key.ts";

/** The PostgreSQL of a stack: one that it deploys, or the one that `make up` runs beside it. */
export type PostgresSettings = { readonly key: pulumi.Input<string> } & (
  | { readonly kind: "deployed"; readonly server: PostgresServer }
  | { readonly kind: "local"; readonly host: string; readonly port: number }
);

/** What decides whose PostgreSQL it is. */
export interface PostgresPlace {
  readonly stage: string;
  readonly onKubernetes: boolean;
  /** The stack is that of the checkout's own servers. */
  readonly isLocal: boolean;
}

/**
 * @returns undefined where the stack has none
 * @throws pulumi.RunError with every fault of `bucketworks:postgres`, and for a key that is missing, weak or in plaintext
 */
export function postgresSettings(
  config: pulumi.Config,
  env: NodeJS.ProcessEnv,
  { stage, onKubernetes, isLocal }: PostgresPlace,
): PostgresSettings | undefined {
  const given = config.getObject<object>("postgres");
  if (given === undefined || Object.keys(given).length === 0) return isLocal ? localPostgres(env) : undefined;
  if (!onKubernetes) {
    throw new pulumi.RunError(
      "bucketworks:postgres is set, and the stack deploys nothing: its target is external; remove it, or pulumi config set bucketworks:target kubernetes",
    );
  }
  const result = readPostgresServer(given);
  if (!result.ok) throw new pulumi.RunError(result.faults.join("\n"));
  if (stage !== DEV_STAGE && !hasTls(result.server)) {
    throw new pulumi.RunError(
      "bucketworks:postgres.tls is none: data would travel in plaintext, refused outside dev; give the server a certificate: pulumi config set --path bucketworks:postgres.tls.from secret, then bucketworks:postgres.tls.secret NAME",
    );
  }
  return { kind: "deployed", server: result.server, key: databaseKey(config, env) };
}

function databaseKey(config: pulumi.Config, env: NodeJS.ProcessEnv): pulumi.Output<string> {
  const plain = config.get("databaseKey");
  const key = config.getSecret("databaseKey");
  const make = "head -c 32 /dev/urandom | base64 | pulumi config set --secret bucketworks:databaseKey";
  if (!plain || key === undefined) {
    throw new pulumi.RunError(`the stack has no key for the passwords of its databases; set it: ${make}`);
  }
  const secrets = JSON.parse(env.PULUMI_CONFIG_SECRET_KEYS || "[]") as string[];
  if (!secrets.includes("bucketworks:databaseKey")) {
    throw new pulumi.RunError(`bucketworks:databaseKey stands in plaintext in the stack's file; make another: ${make}`);
  }
  const fault = databaseKeyFault(plain);
  if (fault !== null) throw new pulumi.RunError(`bucketworks:databaseKey ${fault}`);
  return key;
}

/** `make up` and `toolchain/env.sh` name its folder. */
function localPostgres({ BUCKETWORKS_POSTGRES: folder }: NodeJS.ProcessEnv): PostgresSettings | undefined {
  if (!folder || !existsSync(`${folder}/endpoint`)) return undefined;
  const read = (name: string): string => readFileText(`${folder}/${name}`, (path) => readFileSync(path, "utf8")).trim();
  const [host = "", port = ""] = read("endpoint").split(":");
  return { kind: "local", host, port: Number(port), key: pulumi.secret(read("key")) };
}
