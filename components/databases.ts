import * as pulumi from "@pulumi/pulumi";
import { rolePassword } from "../builders/postgres/passwords.ts";
import { type DatabasePlan, databasePlan, plannedRoles } from "../builders/postgres/plan.ts";
import type { ResolvedModel } from "../config/model.ts";
import type { PostgresSettings } from "../config/stack/settings.ts";
import type { Cluster } from "./kubernetes/cluster.ts";
import type { CredentialOutput } from "./outputs.ts";

/** How one role logs in. */
export interface DatabaseLogin {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** The PostgreSQL of the stack, the same wherever it runs. */
export interface DatabasesOutput {
  readonly host: string;
  readonly port: number;
  /** Sorted. */
  readonly names: readonly string[];
  /** By role; secret. */
  readonly credentials: pulumi.Output<Record<string, DatabaseLogin>>;
}

export interface Databases {
  readonly outputs: DatabasesOutput;
  /** Done once all migrations are; undefined where this program doesn't run them. */
  readonly deployment: pulumi.Resource | undefined;
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
  if (postgres.kind === "local") return { outputs: outputOf(plan, postgres, postgres.key), deployment: undefined };
  if (cluster === undefined) throw new pulumi.RunError("the stack deploys PostgreSQL and names no cluster");
  const { deployPostgres } = await import("./kubernetes/deploy-postgres.ts");
  const { deployment, ...place } = await deployPostgres(postgres, model, cluster, storageKeys);
  return { outputs: outputOf(plan, place, postgres.key), deployment };
}

function outputOf(
  plan: DatabasePlan,
  { host, port }: { readonly host: string; readonly port: number },
  key: pulumi.Input<string>,
): DatabasesOutput {
  return { host, port, names: plan.databases.map(({ name }) => name), credentials: logins(plan, key) };
}

/** What each role of the plan logs in with. */
export function logins(plan: DatabasePlan, key: pulumi.Input<string>): pulumi.Output<Record<string, DatabaseLogin>> {
  const of = (text: string): Record<string, DatabaseLogin> =>
    Object.fromEntries(
      plannedRoles(plan).map(({ role, database }) => [
        role,
        { user: role, password: rolePassword(text, role, database), database },
      ]),
    );
  return pulumi.secret(pulumi.output(key).apply(of));
}
