import { expect } from "vitest";
import type { ClusterCheckout } from "./cluster-checkout.ts";
import { eventually } from "./local-checkout.ts";

/** What a server in a pod is asked by. */
export interface Asked {
  /** As the superuser, in its pod. */
  readonly psql: (statement: string) => Promise<string>;
  /** Adds a row to the history of ingestion. */
  readonly add: (file: string) => Promise<void>;
  /** Of its namespace. */
  readonly kubectl: (...args: string[]) => Promise<string>;
}

/** Has the scheduled job make a base backup; answers a moment behind which the row early.parquet was added, and before late.parquet was. */
export async function backedUp(checkout: ClusterCheckout, { psql, add, kubectl }: Asked): Promise<Date> {
  await kubectl("create", "job", "first-backup", "--from=cronjob/mlops-postgresql-base-backup");
  await kubectl("wait", "job/first-backup", "--for=condition=Complete", "--timeout=100s");
  expect(await checkout.mc("ls", "--recursive", "t/vault-backups/databases/")).toMatch(
    /mlops-postgresql-\d+\/base\/\w+\/backup\.info/,
  );
  await add("early.parquet");
  const [, moment = ""] = /(\d{4}-\S+ \S+)\n/.exec(await psql("SELECT now() + interval '1 second'")) ?? [];
  const between = new Date(`${moment.replace(" ", "T")}:00`);
  await eventually(async () => (await psql(`SELECT now() > '${between.toISOString()}'`)).includes(" t"));
  await add("late.parquet");
  const [, segment = ""] = /([0-9A-F]{24})/.exec(await psql("SELECT pg_walfile_name(pg_switch_wal())")) ?? [];
  const archived = `SELECT last_archived_wal >= '${segment}' FROM pg_stat_archiver`;
  await eventually(async () => (await psql(archived)).includes(" t"), 60_000);
  return between;
}

/** Gives the stack another server, which begins with the data of a moment; the first one's volume stays. */
export async function beginsWith(checkout: ClusterCheckout, name: string, to: Date, { psql }: Asked): Promise<void> {
  const [, number = ""] = /(\d{10,})/.exec(await psql("SELECT system_identifier FROM pg_control_system()")) ?? [];
  await checkout.set({
    "postgres.name": name,
    "postgres.restore.server": `mlops-postgresql-${number}`,
    "postgres.restore.to": to.toISOString(),
  });
  const made = "urn:pulumi:cluster::bucketworks::pulumi:index:Stash::postgres made for";
  await checkout.must("pulumi", "state", "delete", "--stack", "cluster", "--yes", made);
}
