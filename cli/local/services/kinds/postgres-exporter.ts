import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Platform } from "../../../../config/model.ts";
import { METRICS_ROLE } from "../../../../config/values/database-names.ts";
import { CommandError, EXIT } from "../../../ending/exit.ts";
import { HOST } from "../../service/local-service.ts";
import type { Kind } from "./kind.ts";

const PASSWORD = "password";

export const postgresExporter: Kind = {
  title: "postgres_exporter",
  source: { program: "postgres_exporter" },
  ready: "/",
  executable: "postgres_exporter",
  mark: ["--web.config.file=", "web.yml"],
  folders: [],
  command: ({ source, folder }, address) => {
    const file = join(source, "bin", "postgres_exporter");
    const without = hasBgwriter(file) ? ["--no-collector.bgwriter"] : [];
    return { file, args: [`--web.listen-address=${address}`, ...without], cwd: folder };
  },
  startedWith: () => ({}),
  documents: async ({ logins }) => {
    const { PGHOST, PGPORT, PGUSER, PGPASSWORD = "", PGDATABASE, PGSSLMODE } = logins.role(METRICS_ROLE);
    const variables = {
      DATA_SOURCE_URI: `${PGHOST}:${PGPORT}/${PGDATABASE}?sslmode=${PGSSLMODE}`,
      DATA_SOURCE_USER: PGUSER,
      DATA_SOURCE_PASS_FILE: PASSWORD,
    };
    return {
      "web.yml": "# Loopback: neither TLS nor a login.\n",
      "environment.json": JSON.stringify(variables),
      [PASSWORD]: PGPASSWORD,
    };
  },
  takes: "restart",
  isForPrograms: true,
  prepare: async ({ given }) => {
    refuseWithoutDatabase(given.platforms);
    const { PGHOST = HOST, PGPORT, PGUSER = "", PGPASSWORD = "", PGDATABASE = "" } = given.logins.role(METRICS_ROLE);
    const server = { host: PGHOST, port: Number(PGPORT), ca: undefined };
    const { connect, refusal } = await import("../../../../database/connection.ts");
    try {
      const client = await connect(server, { user: PGUSER, password: PGPASSWORD, database: PGDATABASE });
      await client.end();
    } catch (error) {
      // One that is away is a thing to tell of: the exporter runs and says so.
      if (refusal(error) === undefined) return;
      throw new CommandError(
        `postgres_exporter can't log in: the local PostgreSQL makes role ${METRICS_ROLE} when it starts, and runs since before it knew it; run make down, make up, make services`,
        EXIT.couldNotLook,
      );
    }
  },
};

/**
 * Whether it has the collector that asks for columns which PostgreSQL 17 has no more. Releases from 0.12 on call another one
 * that reads both, and end at a flag that they don't know: one that somebody has on PATH may be any of them.
 */
function hasBgwriter(file: string): boolean {
  const { stdout = "", stderr = "" } = spawnSync(file, ["--help"], { encoding: "utf8", timeout: 10_000 });
  return /collector\.bgwriter\b/.test(`${stdout}${stderr}`);
}

/** make up starts PostgreSQL for databases alone. */
function refuseWithoutDatabase(platforms: readonly Platform[]): void {
  if (platforms.some(({ database, services }) => database !== null || services.mlflow !== null)) return;
  throw new CommandError(
    "postgres_exporter: no platform of the stack dev has a database (keys database, services.mlflow), so no PostgreSQL runs; remove postgres_exporter from services",
    EXIT.couldNotLook,
  );
}
