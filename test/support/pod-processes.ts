import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { bootstrapStatements } from "../../builders/postgres/configuration.ts";
import type { OneBackup } from "../../builders/postgres/kubernetes/backup-pods.ts";
import { backupFiles } from "../../builders/postgres/kubernetes/backup-pods.ts";
import { serverFiles } from "../../builders/postgres/kubernetes/stateful-set.ts";
import { ownerVerifier } from "../../builders/postgres/passwords.ts";
import { postgresProgram } from "../../cli/local/postgres/program.ts";
import { PostgresServerConfig, type PostgresServerInput } from "../../config/postgres-server/schema.ts";
import { ROOT } from "./toolchain.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const FOLDERS = ["settings", "exchange", "socket", "scratch", "volume", "secret", "bin"];
/** PostgreSQL doesn't run as root; in a user namespace root is somebody else to it. */
const STRANGER = process.getuid?.() === 0 ? ["unshare", "--user", "--map-user=1", "--map-group=1", "--"] : [];

/** What the containers of a StatefulSet's pod run, as processes of this machine in folders of their own. */
export class PodProcesses {
  readonly #folder: string;
  readonly #started: ChildProcess[] = [];

  /**
   * @param folder is made; its name is short, as it holds a socket
   * @param credentials the file with the store's key
   */
  constructor(folder: string, given: PostgresServerInput, backup: OneBackup, credentials: string) {
    this.#folder = folder;
    for (const each of FOLDERS) mkdirSync(join(folder, each), { recursive: true });
    const server = PostgresServerConfig.parse(given);
    if (server.kind !== "statefulset") throw new Error("an operator's pods are its own");
    const texts = {
      ...serverFiles(server, { schemaVersion: 1, databases: [] }, { backup }),
      ...backupFiles(server, backup),
    };
    for (const [name, text] of Object.entries(texts))
      writeFileSync(this.#at("settings", name), this.#placed(text, credentials));
    writeFileSync(this.#at("settings", "pg_ident.conf"), `superuser "${this.#user()}" postgres\n`);
    writeFileSync(this.#at("secret", "bootstrap.sql"), bootstrapStatements(ownerVerifier(KEY)));
    this.#client();
  }

  /** Starts one of the pod's scripts and leaves it running. */
  start(script: string): ChildProcess {
    const log = openSync(this.#at("log"), "a");
    const [program = "", ...args] = [...STRANGER, "sh", this.#at("settings", script)];
    const child = spawn(program, args, { env: this.#environment, stdio: ["ignore", log, log] });
    closeSync(log);
    this.#started.push(child);
    return child;
  }

  /** Runs one of them to its end. @returns its exit code */
  async run(script: string): Promise<number | null> {
    const child = this.start(script);
    if (child.exitCode === null) await once(child, "close");
    return child.exitCode;
  }

  /** Rows of a statement, as the superuser by the socket: columns by `|`. */
  ask(statement: string): string {
    const [program = "", ...args] = [
      ...STRANGER,
      this.#at("bin", "psql"),
      "-h",
      this.#at("socket"),
      "-Atqc",
      statement,
    ];
    return execFileSync(program, args, {
      env: this.#environment,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  }

  get log(): string {
    return readFileSync(this.#at("log"), "utf8");
  }

  async stop(): Promise<void> {
    for (const child of this.#started.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGINT");
      await once(child, "close");
    }
  }

  #at(...names: string[]): string {
    return join(this.#folder, ...names);
  }

  #user(): string {
    return STRANGER.length > 0 ? "daemon" : (process.env.USER ?? "");
  }

  get #environment(): NodeJS.ProcessEnv {
    const path = [dirname(postgresProgram("postgres")), this.#at("bin"), process.env.PATH].join(":");
    const login = { PGHOST: this.#at("socket"), PGUSER: "postgres", PGDATABASE: "postgres" };
    return { PATH: path, PGDATA: this.#at("volume", "data"), LC_ALL: "C", HOME: this.#at("scratch"), ...login };
  }

  /** Where a pod has its volumes this has folders. */
  #placed(text: string, credentials: string): string {
    return text
      .replaceAll("/etc/bucketworks/settings", this.#at("settings"))
      .replaceAll("/etc/bucketworks/secret", this.#at("secret"))
      .replaceAll("/etc/bucketworks/backup-key/credentials", credentials)
      .replaceAll("/var/run/bucketworks", this.#at("exchange"))
      .replaceAll("/var/run/postgresql", this.#at("socket"))
      .replaceAll("/opt/pipeline", join(ROOT, ".bucketworks/pipelines/database-backup"))
      .replaceAll(/\/tmp(?=['\s]|\/spool)/g, this.#at("scratch"))
      .replace("listen_addresses = '*'", "listen_addresses = ''");
  }

  /** The npm package has no psql: what the scripts ask of it. */
  #client(): void {
    const program = `import pg from ${JSON.stringify(join(ROOT, "node_modules/pg/lib/index.js"))};
const [, , ...args] = process.argv;
const after = (name) => args[args.indexOf(name) + 1];
const client = new pg.Client({ host: after("-h"), port: 5432, user: "postgres", database: "postgres" });
const shown = (value) => (value === true ? "t" : value === false ? "f" : value);
try {
  await client.connect();
  const { rows } = await client.query({ text: after("-Atqc"), rowMode: "array" });
  console.log(rows.map((row) => row.map(shown).join("|")).join("\\n"));
  await client.end();
} catch (error) {
  console.error(String(error));
  process.exit(2);
}
`;
    writeFileSync(this.#at("bin", "psql.mjs"), program);
    writeFileSync(
      this.#at("bin", "psql"),
      `#!/bin/sh\nexec ${process.execPath} ${this.#at("bin", "psql.mjs")} "$@"\n`,
      { mode: 0o755 },
    );
  }
}
