import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { DatabasePlan } from "../../builders/postgres/database-plan.ts";
import { ownerPassword, rolePassword } from "../../builders/postgres/passwords.ts";
import { type PostgresPlace, preparePostgres, startPostgres } from "../../cli/local/postgres/program.ts";
import { OWNER_ROLE } from "../../config/values/database-names.ts";
import type { DatabaseServer } from "../../database/connection.ts";
import { freePort } from "./minio.ts";
import type { Certificate } from "./tls.ts";

/** A throw-away PostgreSQL on loopback, with the settings of a checkout's own and a key of its own. */
export class TestPostgres {
  readonly place: PostgresPlace;
  readonly plan: DatabasePlan;
  /** Changed by `rotate`. */
  key = newKey();
  readonly #ca: string | undefined;
  #process: ChildProcess | undefined;

  private constructor(place: PostgresPlace, plan: DatabasePlan, ca: string | undefined) {
    this.place = place;
    this.plan = plan;
    this.#ca = ca;
  }

  static async start(plan: DatabasePlan, tls?: Certificate): Promise<TestPostgres> {
    const folder = mkdtempSync(join(tmpdir(), "bucketworks-pg-"));
    const files = tls && { certificate: join(tls.folder, "public.crt"), key: join(tls.folder, "private.key") };
    const ca = tls && readFileSync(tls.caFile, "utf8");
    const server = new TestPostgres({ folder, port: await freePort(), tls: files }, plan, ca);
    await server.resume();
    return server;
  }

  get server(): DatabaseServer {
    return { host: "127.0.0.1", port: this.place.port, ca: this.#ca };
  }

  /** What the server has said since it was made. */
  get log(): string {
    return readFileSync(join(this.place.folder, "log"), "utf8");
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts it on the same data, waits until it takes connections. */
  async resume(): Promise<void> {
    preparePostgres(this.place, this.plan, this.key);
    const log = openSync(join(this.place.folder, "log"), "a");
    this.#process = startPostgres(this.place, log);
    closeSync(log);
    const deadline = Date.now() + 30_000;
    for (;;) {
      const client = await this.superuser().catch(() => undefined);
      if (client !== undefined) return client.end();
      if (Date.now() > deadline) throw new Error(`PostgreSQL doesn't take connections\n${this.log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Another key, as an operator rotates it: the server starts anew with its owner's new password. */
  async rotate(): Promise<void> {
    await this.pause();
    this.key = newKey();
    await this.resume();
  }

  /** By the socket, as the server's own account alone may. */
  superuser(database = "postgres"): Promise<pg.Client> {
    return open({ host: this.place.folder, port: this.place.port, user: "postgres", database });
  }

  owner(database = "postgres"): Promise<pg.Client> {
    return this.as(OWNER_ROLE, database, ownerPassword(this.key));
  }

  /** Over TCP. @param password absent is the role's own */
  as(user: string, database: string, password = rolePassword(this.key, user, database)): Promise<pg.Client> {
    const ssl = this.#ca === undefined ? false : { ca: this.#ca };
    return open({ host: "127.0.0.1", port: this.place.port, user, database, password, ssl });
  }

  /** Ends it and keeps the data; SIGINT is its fast shutdown. */
  async pause(signal: NodeJS.Signals = "SIGINT"): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const exit = once(running, "exit");
    running.kill(signal);
    await exit;
  }

  async stop(): Promise<void> {
    await this.pause();
    rmSync(this.place.folder, { recursive: true, force: true });
  }
}

function newKey(): string {
  return randomBytes(32).toString("base64");
}

async function open(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({ connectionTimeoutMillis: 5_000, ...config });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}
