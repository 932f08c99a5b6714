import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { MAINTENANCE_DATABASE, ownerPassword } from "../../../builders/postgres/passwords.ts";
import { OWNER_ROLE } from "../../../config/values/database-names.ts";
import type { Checkout } from "../../checkout.ts";
import { readText } from "../private-files.ts";
import { HOST, type LocalService } from "../service/local-service.ts";
import { ownProcesses } from "../service/own-processes.ts";
import { clearStaleLocks } from "./data-folder.ts";
import { postgresOn } from "./processes.ts";
import { startPostgres } from "./program.ts";

/** The PostgreSQL of a checkout, where a platform of the stack has a database. Its settings are there before it starts. */
export function postgres({ root, postgres }: Checkout): LocalService<"sql"> {
  const { folder, log, run, endpoint } = postgres;
  const data = join(folder, "data");
  return {
    name: "postgres",
    title: "PostgreSQL",
    root,
    ports: {
      sql: { purpose: "PostgreSQL", setting: "BUCKETWORKS_POSTGRES_PORT", file: endpoint, first: 5555, step: 1 },
    },
    startedBy: "make up",
    log,
    run,
    // Its fast shutdown: on SIGTERM it waits for its clients.
    endSignal: "SIGINT",
    formerSupervisor: { program: "cli/local/postgres/supervise.ts", rest: /(?:)/ },
    processes: (running) => postgresOn(data, running),
    spawn: (_, output) => {
      clearStaleLocks(data, folder);
      return startPostgres({ folder }, output);
    },
    answers: ({ sql }) => takesOwner(sql, readText(postgres.key) ?? ""),
  };
}

/**
 * Whether a PostgreSQL that no platform needs any more has still to be settled: it runs, or files say how its roles log
 * in. It is told the empty plan then, which locks them out; its rows stay.
 */
export function isUnsettled(checkout: Checkout): boolean {
  const { roles } = checkout.postgres;
  return ownProcesses(postgres(checkout)).length > 0 || (existsSync(roles) && readdirSync(roles).length > 0);
}

async function takesOwner(port: number, key: string): Promise<boolean> {
  const { connect } = await import("../../../database/connection.ts");
  const login = { user: OWNER_ROLE, password: ownerPassword(key), database: MAINTENANCE_DATABASE };
  try {
    const client = await connect({ host: HOST, port, ca: undefined }, login);
    await client.end();
    return true;
  } catch {
    return false;
  }
}
