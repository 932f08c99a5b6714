import type { Client } from "pg";
import { connect, refusal, serverOf } from "../database/connection.ts";
import { DatabaseFault } from "../database/fault.ts";
import { type Run, type Store, TABLES, Turns } from "./store.ts";

/** Held while a piece of work is done; any number that nothing else of a server uses. */
const LOCK = 0x42776869;
const SCHEMA = "bucketworks_history";
/** PostgreSQL's codes for a right that is missing, and for a schema that a role may not even see. */
const NOT_PERMITTED: readonly unknown[] = ["42501", "3F000"];

/**
 * Tables in schema `bucketworks_history` of a PostgreSQL database, made where they aren't there. A connection that was
 * cut is made again by the next piece of work.
 * @param url `postgresql://USER[:PASSWORD]@HOST[:PORT]/DATABASE`; without a password that of PGPASSWORD. `postgresql://` alone
 * is what PGHOST, PGPORT, PGUSER and PGDATABASE say, as programs in a pod are given them
 * @throws DatabaseFault where it can't be used
 */
export async function openPostgres(url: string, env: NodeJS.ProcessEnv): Promise<Store> {
  const turns = new Turns();
  let client: Client | undefined;
  const connected = async () => {
    client ??= await login(url, env);
    return client;
  };
  const atomically = async <T>(work: (run: Run) => Promise<T>): Promise<T> => {
    const database = await connected();
    const run: Run = async (sql, values = []) => (await database.query(sql, [...values])).rows;
    try {
      await database.query("begin");
      await database.query("select pg_advisory_xact_lock($1)", [LOCK]);
      const result = await work(run);
      await database.query("commit");
      return result;
    } catch (error) {
      client = undefined;
      await database.end().catch(() => undefined);
      if (typeof (error as { code?: unknown }).code === "string" || error instanceof DatabaseFault) throw error;
      // pg's own words for a connection that was cut have no code.
      const message = `history: the connection to PostgreSQL broke: ${(error as Error).message}; it is made again`;
      throw new DatabaseFault("couldNotLook", message);
    }
  };
  try {
    await atomically(makeTables);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (!NOT_PERMITTED.includes(code)) throw error;
    const fix = `let its owner make schema ${SCHEMA} and grant usage and create on it to that role`;
    throw new DatabaseFault("couldNotLook", `history: PostgreSQL refuses its tables: ${message}; ${fix}`);
  }
  return {
    atomically: (work) => turns.take(() => atomically(work)),
    close: async () => client?.end(),
  };
}

async function makeTables(run: Run): Promise<void> {
  // PostgreSQL asks for the right to make one before it looks whether it is there: a role may have been given this one alone.
  const there = await run("select from pg_namespace where nspname = $1", [SCHEMA]);
  if (there.length === 0) await run(`create schema if not exists ${SCHEMA}`);
  for (const table of TABLES) await run(table);
}

async function login(url: string, env: NodeJS.ProcessEnv): Promise<Client> {
  const { host, port, user, password, database } = partsOf(url, env);
  const server = serverOf({ ...env, PGHOST: host, PGPORT: port || "5432" });
  if (server === undefined || user === "" || database === "") throw isBare(url) ? noLogin() : noUrl();
  try {
    const client = await connect(server, { user, password: password || (env.PGPASSWORD ?? ""), database });
    await client.query(`set search_path to ${SCHEMA}`);
    return client;
  } catch (error) {
    const reason = refusal(error);
    if (reason === undefined) throw error;
    const fix = { password: "set PGPASSWORD", access: "give it that right", database: "make it, or name another one" }[
      reason
    ];
    throw new DatabaseFault(
      "couldNotLook",
      `history: role ${user} can't use database ${database} at ${host}: ${(error as Error).message}; ${fix}`,
    );
  }
}

type Parts = Readonly<Record<"host" | "port" | "user" | "password" | "database", string>>;

/** @throws DatabaseFault, whose words hold nothing of the URL: it may have a password in it */
function partsOf(url: string, env: NodeJS.ProcessEnv): Parts {
  if (isBare(url)) {
    const { PGHOST: host = "", PGPORT: port = "", PGUSER: user = "", PGDATABASE: database = "" } = env;
    return { host, port, user, password: "", database };
  }
  try {
    const { hostname, port, username, password, pathname } = new URL(url);
    return {
      host: decodeURIComponent(hostname).replace(/^\[(.*)\]$/, "$1"),
      port,
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
    };
  } catch {
    throw noUrl();
  }
}

/** Says nothing but that it is PostgreSQL. */
function isBare(url: string): boolean {
  return /^postgres(ql)?:\/\/$/.test(url);
}

function noLogin(): DatabaseFault {
  const message =
    "history: BUCKETWORKS_HISTORY is postgresql:// alone, and PGHOST, PGUSER or PGDATABASE isn't set; set them";
  return new DatabaseFault("couldNotLook", message);
}

function noUrl(): DatabaseFault {
  return new DatabaseFault(
    "couldNotLook",
    "history: must be postgresql://USER@HOST:PORT/DATABASE; fix BUCKETWORKS_HISTORY",
  );
}
