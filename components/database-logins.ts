import * as pulumi from "@pulumi/pulumi";
import { type DatabasePlan, plannedRoles } from "../builders/postgres/database-plan.ts";
import { rolePassword } from "../builders/postgres/passwords.ts";

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
