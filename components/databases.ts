import * as pulumi from "@pulumi/pulumi";
import { databasePlan } from "../builders/postgres/database-plan.ts";
import { MAINTENANCE_DATABASE, rolePassword } from "../builders/postgres/passwords.ts";
import type { ResolvedModel } from "../config/model.ts";
import type { PostgresSettings } from "../config/stack/settings.ts";
import { METRICS_ROLE } from "../config/values/database-names.ts";
import { type DatabasesOutput, logins } from "./database-logins.ts";
import type { Cluster } from "./kubernetes/cluster.ts";
import type { CredentialOutput } from "./outputs.ts";

export interface Databases {
  readonly outputs: DatabasesOutput;
  /** Done once all migrations are; undefined where this program doesn't run them. */
  readonly deployment: pulumi.Resource | undefined;
  /** Of the role that reads the server's statistics, where the server makes one; secret. */
  readonly metricsPassword: pulumi.Output<string>;
}

/**
 * The databases of the stack's platforms; undefined where no platform has one.
 * @param storageKeys of the stack's service accounts, for backups
 */
export async function databasesOf(
  postgres: PostgresSettings,
  model: ResolvedModel,
  cluster: Cluster | undefined,
  storageKeys: pulumi.Output<Record<string, CredentialOutput>>,
): Promise<Databases | undefined> {
  const plan = databasePlan(model);
  if (plan.databases.length === 0) return undefined;
  const outputsAt = (host: string, port: number): DatabasesOutput => {
    return { host, port, names: plan.databases.map(({ name }) => name), credentials: logins(plan, postgres.key) };
  };
  const metricsPassword = pulumi.secret(
    pulumi.output(postgres.key).apply((key) => rolePassword(key, METRICS_ROLE, MAINTENANCE_DATABASE)),
  );
  if (postgres.kind === "local")
    return { outputs: outputsAt(postgres.host, postgres.port), deployment: undefined, metricsPassword };
  if (cluster === undefined) throw new pulumi.RunError("the stack deploys PostgreSQL and names no cluster");
  const { deployPostgres } = await import("./kubernetes/postgres/deploy-postgres.ts");
  const { host, port, deployment } = await deployPostgres({ settings: postgres, plan, model, cluster, storageKeys });
  return { outputs: outputsAt(host, port), deployment, metricsPassword };
}
