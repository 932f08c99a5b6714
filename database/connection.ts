import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { DatabaseFault } from "./fault.ts";

/** Where a PostgreSQL server is. */
export interface DatabaseServer {
  /** A host, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  /** PEM of the CA that signed its certificate; `public` trusts those of the system, undefined is no TLS. */
  readonly ca: string | undefined;
}

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** How long a server may take to answer, milliseconds. */
const PATIENCE = 10_000;
/** Between two tries, milliseconds. */
const PAUSE = 500;

/** Not there yet, or on its way: worth another try. */
const AWAY = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EHOSTUNREACH", "57P03"]);

/**
 * Where PGHOST, PGPORT, PGSSLMODE and PGSSLROOTCERT say that the server is. Without PGSSLMODE only this machine itself
 * is spoken to in plaintext.
 * @throws DatabaseFault for a mode that doesn't prove who answers, or a file that isn't there
 */
export function serverOf(env: NodeJS.ProcessEnv): DatabaseServer | undefined {
  const { PGHOST: host, PGPORT: port = "5432", PGSSLROOTCERT: file } = env;
  if (!host) return undefined;
  if (!/^\d+$/.test(port)) throw new DatabaseFault("couldNotLook", `PGPORT: must be a port number, got ${port}`);
  const mode = env.PGSSLMODE || (isHere(host) ? "disable" : "verify-full");
  if (mode !== "disable" && mode !== "verify-full") {
    throw new DatabaseFault(
      "couldNotLook",
      `PGSSLMODE: must be verify-full or disable, got ${mode}, which takes any program that answers for the server; set verify-full, and PGSSLROOTCERT if its CA is your own`,
    );
  }
  if (mode === "disable") return { host, port: Number(port), ca: undefined };
  if (file && !existsSync(file)) {
    throw new DatabaseFault("couldNotLook", `PGSSLROOTCERT: file ${file} isn't there; name the CA's PEM file`);
  }
  return { host, port: Number(port), ca: file ? readFileSync(file, "utf8") : "public" };
}

/**
 * Logs in. The caller ends the client.
 * @param wait how long a server that is away is waited for, seconds
 * @throws DatabaseFault with the reason in one sentence; pg's own error for a refused login, see `refusal`
 */
export async function connect(server: DatabaseServer, login: Login, wait = 0): Promise<pg.Client> {
  for (const deadline = Date.now() + wait * 1000; ; await sleep(PAUSE)) {
    const client = new pg.Client({
      host: server.host,
      port: server.port,
      ...login,
      ssl: tlsOf(server),
      application_name: "bucketworks",
      connectionTimeoutMillis: PATIENCE,
      // Said here, since pg would take PGOPTIONS of the shell.
      options: "-c client_min_messages=warning",
    });
    // A connection that is cut is told by the query that waits for it.
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (refusal(error) !== undefined) throw error;
      if (!isAway(error) || Date.now() >= deadline) throw unreachable(server, error);
    }
  }
}

export type Refusal = "password" | "access" | "database";

/** Why a server that answered didn't let a role in; undefined for any other error. */
export function refusal(error: unknown): Refusal | undefined {
  const { code } = error as { code?: string };
  if (code === "28P01") return "password";
  if (code === "28000" || code === "42501") return "access";
  return code === "3D000" ? "database" : undefined;
}

function isAway(error: unknown): boolean {
  const { code, message } = error as { code?: string; message: string };
  return AWAY.has(code ?? "") || /timeout expired|terminated/.test(message);
}

function unreachable({ host, port, ca }: DatabaseServer, error: unknown): DatabaseFault {
  const { message, errors } = error as Error & { errors?: readonly Error[] };
  const reason = message || errors?.map((each) => each.message).join(", ") || String(error);
  const at = host.startsWith("/") ? `the socket in ${host}` : `${host}:${port}`;
  const fix = /SSL|certificate|self-signed/i.test(reason)
    ? "fix the server's certificate, or PGSSLMODE and PGSSLROOTCERT"
    : "start it, or fix PGHOST and PGPORT";
  const how = ca === undefined ? "" : " with TLS";
  return new DatabaseFault("couldNotLook", `PostgreSQL at ${at} doesn't answer${how}: ${reason}; ${fix}`);
}

function tlsOf({ host, ca }: DatabaseServer): pg.ClientConfig["ssl"] {
  if (ca === undefined) return false;
  return { ...(ca !== "public" && { ca }), ...(isIP(host) === 0 && { servername: host }) };
}

function isHere(host: string): boolean {
  return host.startsWith("/") || ["127.0.0.1", "::1", "localhost"].includes(host);
}
