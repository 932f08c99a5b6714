import { platformFile } from "./specs.ts";

/** Answers how many rows it sees, and whether it asked over TLS; its readiness depends on it. */
const COUNTER = `
const { Client } = require("pg");
const ca = require("node:fs").readFileSync(process.env.PGSSLROOTCERT, "utf8");
const seen = "SELECT count(*)::int AS events, (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS encrypted FROM ingestion_events";
require("node:http").createServer(async (request, response) => {
  const client = new Client({ ssl: { ca } });
  try {
    await client.connect();
    response.end(JSON.stringify((await client.query(seen)).rows[0]));
  } catch (error) {
    response.writeHead(503).end(String(error));
  } finally {
    await client.end().catch(() => undefined);
  }
}).listen(8080);
process.once("SIGTERM", () => process.exit());`;

/** A platform that reads what another one's tables hold, in the database that both have. */
export const READER = `${platformFile("      - {name: desk-notes, description: notes of readers}")}
database: {name: mlops_db, roles: {reader: {}}}
workloads:
  counter:
    kind: service
    command: ${JSON.stringify(["node", "-e", COUNTER])}
    database_role: reader
    port: 8080
    replicas: {min: 1, max: 2}
`;
