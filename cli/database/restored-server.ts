import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BackupPlace } from "../../builders/postgres/barman.ts";
import { hostAccess, identMap, serverConfiguration } from "../../builders/postgres/configuration.ts";
import type { DatabasePlan } from "../../builders/postgres/database-plan.ts";
import { SUPERUSER } from "../../config/values/database-names.ts";
import { judgeRecovery, newOfTimeline, type Recovery, recoverySettings } from "../../database/backup/recovery.ts";
import { connect } from "../../database/connection.ts";
import { temporaryFolder } from "../../toolchain/temporary-folder.ts";
import { interruption } from "../ending/signals.ts";
import { writeRestoreScript } from "../local/postgres/archive.ts";
import { startPostgres, superuser } from "../local/postgres/program.ts";
import { makePrivateFolder, writePrivate } from "../local/private-files.ts";
import { HOST } from "../local/service/local-service.ts";

/** What stands above every file of a restored server: it archives nothing, whatever ALTER SYSTEM said. */
const NEVER_ARCHIVES = { archive_mode: "off" } as const;

/** A server on restored data, in a folder of its own beside the live one. */
export class RestoredServer {
  readonly folder: string;
  port = 0;
  readonly #socket = temporaryFolder(tmpdir().length > 60 ? "/tmp" : tmpdir(), "bucketworks-restored-");
  #process: ChildProcess | undefined;

  /** @param folder holds `data`, `access` and `log` */
  constructor(folder: string) {
    this.folder = folder;
  }

  get data(): string {
    return join(this.folder, "data");
  }

  /** Brings its base backup to a moment. @param moment null is the newest that the archive has */
  async recover(place: BackupPlace, plan: DatabasePlan, moment: Date | null): Promise<Recovery> {
    const settings = recoverySettings(writeRestoreScript(this.folder, place), moment);
    await this.#writeSettings(plan, settings);
    writeFileSync(join(this.data, "recovery.signal"), "", { mode: 0o600 });
    const isServing = await this.#start(true);
    const recovery = judgeRecovery(this.#log, isServing);
    // The moment was reached; the next start needs no archive.
    if (isServing) await this.#writeSettings(plan, {});
    return recovery;
  }

  /** Starts it on data that were recovered before. */
  async serve(plan: DatabasePlan): Promise<boolean> {
    await this.#writeSettings(plan, {});
    return this.#start(false);
  }

  /** As the superuser, by its socket. */
  async ask<T>(database: string, statement: string): Promise<T[]> {
    const login = { user: SUPERUSER, password: "", database };
    const client = await connect({ host: this.#socket, port: this.port, ca: undefined }, login, 5);
    try {
      return (await client.query(statement)).rows as T[];
    } finally {
      await client.end();
    }
  }

  /**
   * Has what it wrote of its new timeline archived once it stands in the live server's place: it archives nothing itself, and
   * without the history of the timeline no later restore finds the way into it. Called while it runs.
   */
  async handOver(): Promise<void> {
    const [row] = await this.ask<{ current: string }>(
      "postgres",
      "SELECT pg_walfile_name(pg_current_wal_lsn()) AS current",
    );
    const status = join(this.data, "pg_wal", "archive_status");
    const names = newOfTimeline(readdirSync(join(this.data, "pg_wal")), row?.current ?? "");
    for (const name of names) {
      const isDone = ["done", "ready"].some((end) => existsSync(join(status, `${name}.${end}`)));
      if (!isDone) writeFileSync(join(status, `${name}.ready`), "", { mode: 0o600 });
    }
  }

  /** Resolves when its process has ended. */
  async ended(): Promise<void> {
    const running = this.#process;
    if (running !== undefined && !hasEnded(running)) await once(running, "exit");
  }

  /** Ends it by its fast shutdown and keeps the data. */
  async stop(): Promise<void> {
    if (this.#process !== undefined && !hasEnded(this.#process)) this.#process.kill("SIGINT");
    await this.ended();
    this.#process = undefined;
    rmSync(this.#socket, { recursive: true, force: true });
  }

  async #writeSettings(plan: DatabasePlan, more: Readonly<Record<string, string>>): Promise<void> {
    const access = join(this.folder, "access");
    makePrivateFolder(access);
    if (this.port === 0) this.port = await freePort();
    const who = { tls: false, superusers: [superuser()], metrics: false };
    const place = { port: this.port, addresses: HOST, socket: this.#socket, tls: undefined, access };
    writePrivate(join(access, "postgresql.conf"), serverConfiguration(place, more));
    writePrivate(join(access, "pg_hba.conf"), hostAccess(plan, who));
    writePrivate(join(access, "pg_ident.conf"), identMap(who));
  }

  /** @returns whether it serves in the end: false where it ended by itself */
  async #start(isRecovering: boolean): Promise<boolean> {
    rmSync(join(this.data, "postmaster.pid"), { force: true });
    const log = openSync(join(this.folder, "log"), "w", 0o600);
    const running = startPostgres(this, log, NEVER_ARCHIVES);
    closeSync(log);
    this.#process = running;
    while (!hasEnded(running)) {
      interruption().throwIfAborted();
      const rows = await this.ask<{ busy: boolean }>("postgres", "SELECT pg_is_in_recovery() AS busy").catch(() => []);
      if (rows[0]?.busy === false || (rows[0] !== undefined && !isRecovering)) return true;
      await sleep(100);
    }
    return false;
  }

  get #log(): string {
    const file = join(this.folder, "log");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** One that nobody has now. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
