import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { type Checkout, checkoutAt } from "../../cli/checkout.ts";
import { stopServices } from "../../cli/local/service/start.ts";
import { freePort } from "./minio.ts";
import { copyProject, plainShell } from "./project-copy.ts";

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly text: string;
}

const SPEC = `metadata: {version: v1, description: a shop with backups}
bucket_groups:
  backups:
    retention_days: 35
    versioning: true
    buckets:
      - {name: shop-backups, description: database backups}
database:
  name: shop_db
  roles: {writer: {description: adds orders}}
database_backup: {bucket: shop-backups, service_account: shop-database-backup, archive_timeout: 30s}
access:
  policies:
    database-backup:
      grants:
        - {role: list, bucket: shop-backups}
        - {role: read, bucket: shop-backups, prefixes: [databases/]}
        - {role: write, bucket: shop-backups, prefixes: [databases/]}
  users:
    shop-database: {policies: [database-backup]}
  service_accounts:
    shop-database-backup: {user: shop-database, policies: [database-backup]}
`;
const MIGRATION = `CREATE TABLE public.orders (id serial PRIMARY KEY, item text NOT NULL);
GRANT USAGE ON SCHEMA public TO shop_writer;
GRANT INSERT, SELECT ON public.orders TO shop_writer;
GRANT USAGE ON SEQUENCE public.orders_id_seq TO shop_writer;
`;

/** A copy of the project with a platform whose database is backed up, and a table of orders. */
export class BackedUpProject {
  readonly checkout: Checkout;
  readonly ports: Record<string, string>;

  private constructor(checkout: Checkout, ports: Record<string, string>) {
    this.checkout = checkout;
    this.ports = ports;
  }

  static async make(): Promise<BackedUpProject> {
    const checkout = checkoutAt(copyProject());
    const names = ["BUCKETWORKS_PORT", "BUCKETWORKS_CONSOLE_PORT", "BUCKETWORKS_POSTGRES_PORT"];
    const ports = Object.fromEntries(await Promise.all(names.map(async (name) => [name, String(await freePort())])));
    const platforms = join(checkout.root, "config", "platforms");
    for (const name of readdirSync(platforms)) rmSync(join(platforms, name), { recursive: true });
    writeFileSync(join(platforms, "shop.yaml"), SPEC);
    const migrations = join(checkout.root, "config", "migrations", "shop");
    mkdirSync(migrations, { recursive: true });
    writeFileSync(join(migrations, "001.do.orders.sql"), MIGRATION);
    return new BackedUpProject(checkout, ports);
  }

  /** Runs to its end. */
  async bucketworks(...args: string[]): Promise<Ran> {
    const child = this.start(...args);
    let [text, said] = ["", ""];
    child.stdout?.on("data", (part) => (text += part));
    child.stderr?.on("data", (part) => (said += part));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, text, out: text + said };
  }

  /** Starts it, and leaves it running. */
  start(...args: string[]): ChildProcess {
    return spawn(join(this.checkout.root, "bin", "bucketworks"), args, { ...this.#how, stdio: "pipe", detached: true });
  }

  /** What the role that adds orders may do, on a server that listens on `port`. */
  async ask(statement: string, port = Number(this.ports.BUCKETWORKS_POSTGRES_PORT)): Promise<unknown[]> {
    const text = readFileSync(join(this.checkout.postgres.roles, "shop_writer.env"), "utf8");
    const password = /^PGPASSWORD=(.*)$/m.exec(text)?.[1];
    const client = new pg.Client({ host: "127.0.0.1", port, user: "shop_writer", password, database: "shop_db" });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query({ text: statement, rowMode: "array" })).rows.flat();
    } finally {
      await client.end();
    }
  }

  /** Adds an order. @returns a moment after which it is there */
  async order(item: string): Promise<Date> {
    const [at] = await this.ask(`INSERT INTO orders (item) VALUES ('${item}') RETURNING clock_timestamp()`);
    // A moment of its own: a commit's time is a little later than the statement's.
    await new Promise((done) => setTimeout(done, 1500));
    return new Date((at as Date).getTime() + 1000);
  }

  async remove(): Promise<void> {
    await stopServices(this.checkout);
    rmSync(this.checkout.root, { recursive: true, force: true });
  }

  get #how(): { cwd: string; env: NodeJS.ProcessEnv } {
    return { cwd: this.checkout.root, env: { ...plainShell(), ...this.ports } };
  }
}
