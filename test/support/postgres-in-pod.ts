import { readFileSync } from "node:fs";
import pg from "pg";
import type { ClusterCheckout } from "./cluster-checkout.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";

/** A deployed server that is reached by a port that leads to its Service. */
interface Server {
  readonly cluster: TestCluster;
  readonly namespace: string;
  /** The name that its certificate is for. */
  readonly host: string;
  readonly caFile: string;
}

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

interface Databases {
  readonly host: string;
  readonly port: number;
  readonly names: readonly string[];
  readonly credentials: Record<string, Login>;
}

/** What the stack answers about its databases. @param more flags, as `--show-secrets` */
export async function databasesOf(checkout: ClusterCheckout, ...more: string[]): Promise<Databases> {
  return JSON.parse(
    await checkout.must("pulumi", "stack", "output", "databases", "--stack", "cluster", "--json", ...more),
  );
}

/** What the server answers to one statement: rows as JSON, or code and message of its refusal. */
export function askPostgres(server: Server, login: Login, statement: string, tls = true): Promise<string> {
  const ssl = tls && { ca: readFileSync(server.caFile, "utf8"), servername: server.host };
  return connected(server, { ssl, ...login }, async (client) => {
    try {
      await client.connect();
      return JSON.stringify((await client.query(statement)).rows);
    } catch (error) {
      return `${(error as pg.DatabaseError).code}: ${(error as Error).message}`;
    }
  });
}

/** Fingerprint of the certificate that the Service shows; undefined where nobody answers. */
export function servedCertificate(server: Server): Promise<string | undefined> {
  let shown: string | undefined;
  const checkServerIdentity = (_: string, { fingerprint256 }: { fingerprint256: string }): undefined => {
    shown = fingerprint256;
  };
  const ssl = { ca: readFileSync(server.caFile, "utf8"), servername: server.host, checkServerIdentity };
  return connected(server, { ssl, user: "nobody", database: "postgres" }, async (client) => {
    await client.connect().catch(() => undefined);
    return shown;
  });
}

async function connected<T>(
  { cluster, namespace }: Server,
  config: pg.ClientConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { port, close } = await cluster.forward(namespace, "service/mlops-postgresql", 5432);
  const client = new pg.Client({ host: "127.0.0.1", port, ...config });
  client.on("error", () => undefined);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
    await close();
  }
}
