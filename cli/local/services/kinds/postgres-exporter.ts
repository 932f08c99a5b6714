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
  command: ({ source, folder }, address) => ({
    file: join(source, "bin", "postgres_exporter"),
    // The last one asks for columns that PostgreSQL 17 has no more.
    args: [`--web.listen-address=${address}`, "--no-collector.bgwriter"],
    cwd: folder,
  }),
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

/** make up starts PostgreSQL for databases alone. */
function refuseWithoutDatabase(platforms: readonly Platform[]): void {
  if (platforms.some(({ database, services }) => database !== null || services.mlflow !== null)) return;
  throw new CommandError(
    "postgres_exporter: no platform of the stack dev has a database (keys database, services.mlflow), so no PostgreSQL runs; remove postgres_exporter from services",
    EXIT.couldNotLook,
  );
}
