import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabasePlan } from "../../builders/postgres/database-plan.ts";
import { type MigrateReport, migrate } from "../../database/migrate.ts";
import { TestPostgres } from "../support/postgres.ts";

/** Platform `shop` with its database `shop_db` and the given roles. */
export const planOf = (...roles: string[]): DatabasePlan => ({
  schemaVersion: 1,
  databases: [
    {
      name: "shop_db",
      platforms: [{ name: "shop", roles: roles.map((name) => ({ name, description: "of the shop" })) }],
    },
  ],
});
export const PLAN = planOf("shop_reader");
/** Of another plan. */
export const DESK = { name: "desk", roles: [{ name: "desk_reader", description: "of the desk" }] };

/** A server for the shop's database, and a folder with its migrations. */
export class Shop {
  readonly postgres: TestPostgres;
  #folder = "";

  private constructor(postgres: TestPostgres) {
    this.postgres = postgres;
  }

  static async start(): Promise<Shop> {
    const { schemaVersion, databases } = planOf("shop_reader", "shop_writer");
    // Who comes in where is said at the start: also under the name that the database gets.
    const renamed = databases.map(({ platforms }) => ({ name: "store_db", platforms: [...platforms, DESK] }));
    return new Shop(await TestPostgres.start({ schemaVersion, databases: [...databases, ...renamed] }));
  }

  stop(): Promise<void> {
    return this.postgres.stop();
  }

  /** Makes the folder, with the first migration. */
  fill(): void {
    this.#folder = mkdtempSync(join(tmpdir(), "bucketworks [migrations] "));
    mkdirSync(join(this.#folder, "shop"));
    this.write("001.do.orders.sql", "CREATE TABLE orders (id int PRIMARY KEY);\nINSERT INTO orders VALUES (1);\n");
  }

  /** Removes the folder, the database and its roles. */
  async clear(): Promise<void> {
    rmSync(this.#folder, { recursive: true });
    const superuser = await this.postgres.superuser();
    await superuser.query("DROP DATABASE IF EXISTS shop_db WITH (FORCE)");
    for (const role of ["shop_reader", "shop_writer"]) await superuser.query(`DROP ROLE IF EXISTS ${role}`);
    await superuser.end();
  }

  /** Path of a migration. */
  at(file: string): string {
    return join(this.#folder, "shop", file);
  }

  write(file: string, sql: string): void {
    writeFileSync(this.at(file), sql);
  }

  /** Migrates. @param ownServer false is a server that other plans may use, too */
  run(plan: DatabasePlan = PLAN, ownServer = true): Promise<MigrateReport> {
    const { server, key } = this.postgres;
    return migrate({ server, plan, folder: this.#folder, key, wait: 0, ownServer });
  }
}
