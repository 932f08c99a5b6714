import { readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databasePlan } from "../../builders/postgres/database-plan.ts";
import { migrate } from "../../database/migrate.ts";
import { resolved } from "../support/platforms.ts";
import { TestPostgres } from "../support/postgres.ts";
import { makeCertificate } from "../support/tls.ts";
import { ROOT } from "../support/toolchain.ts";

const folder = join(ROOT, "config/migrations");
const plan = databasePlan(resolved(null, "dev"));

let postgres: TestPostgres;
const clients = new Map<string, pg.Client>();

beforeAll(async () => {
  postgres = await TestPostgres.start(plan);
  await migrate({ server: postgres.server, plan, folder, key: postgres.key, wait: 0, ownServer: true });
});

afterAll(async () => {
  for (const client of clients.values()) await client.end();
  await postgres?.stop();
});

/** What the server answers to one statement of a role: "ok", or its error code. */
async function answer(role: string, database: string, statement: string): Promise<string> {
  const at = `${role}@${database}`;
  const client = clients.get(at) ?? (await postgres.as(role, database));
  clients.set(at, client);
  return client.query(statement).then(
    () => "ok",
    (error: pg.DatabaseError) => error.code ?? error.message,
  );
}

const REFUSED = "42501";
const event =
  "INSERT INTO ingestion_events (timestamp_ingesta, nombre_archivo, ruta_minio, num_registros, estado) VALUES";
const SAMPLE =
  "('2025-12-20 12:12:09.495903', 'network_events_20251220_121209.parquet', 's3://cybersec-ml-raw/network_events_20251220_121209.parquet', 10, 'SUCCESS')";
describe("the ingestion adds rows to its audit table, and nothing else (CS-036, CS-060, CS-062)", () => {
  test.each([
    ["adds the row of a run", `${event} ${SAMPLE}`, "ok"],
    ["adds no second row of an object", `${event} ${SAMPLE.replace(".495903", ".495904")}`, "23505"],
    ["adds no second row of a run", `${event} ${SAMPLE.replace("s3://", "s3:")}`, "23505"],
    ["meets its own row without reading it", `${event} ${SAMPLE} ON CONFLICT DO NOTHING`, "ok"],
    ["adds a run without object", `${event} ('2025-12-21', 'a.parquet', '', 0, 'FAILED')`, "ok"],
    ["adds another run without object", `${event} ('2025-12-22', 'a.parquet', '', 0, 'FAILED')`, "ok"],
    ["knows no third state", `${event} ('2025-12-23', 'b.parquet', '', 0, 'DONE')`, "23514"],
    ["reads no row, not even its own", "SELECT * FROM ingestion_events", REFUSED],
    ["changes no row", "UPDATE ingestion_events SET estado = 'x'", REFUSED],
    ["deletes no row", "DELETE FROM ingestion_events", REFUSED],
    ["empties no table", "TRUNCATE ingestion_events", REFUSED],
    ["sets no number back", "SELECT setval('ingestion_events_id_seq', 1)", REFUSED],
    ["leaves nothing out", `${event} (NULL, 'f', 'p', 1, 'SUCCESS')`, "23502"],
    ["makes no table in schema public", "CREATE TABLE public.mine (a int)", REFUSED],
    ["makes no schema", "CREATE SCHEMA mine", REFUSED],
    ["makes no temporary table", "CREATE TEMPORARY TABLE mine (a int)", REFUSED],
    ["makes no role", "CREATE ROLE mine", REFUSED],
    ["makes no database", "CREATE DATABASE mine", REFUSED],
    ["reads no verifier of a password", "SELECT rolpassword FROM pg_authid", REFUSED],
    ["runs no program of the server", "COPY ingestion_events FROM PROGRAM 'id'", REFUSED],
    ["reads no file of the server", "SELECT pg_read_file('postgresql.conf')", REFUSED],
    ["becomes nobody else", "SET ROLE bucketworks_owner", REFUSED],
    ["sees no history of migrations", 'SELECT * FROM bucketworks."cybersec"', REFUSED],
  ])("it %s", async (_, statement, expected) => {
    expect(await answer("cybersec_ingestion", "mlops_db", statement)).toBe(expected);
  });
});

describe("the auditor reads the audit table, and changes nothing (CS-061, CS-063, CS-065)", () => {
  test("it finds the source's own row: which data set, when, where, how many", async () => {
    const client = await postgres.as("cybersec_auditor", "mlops_db");
    const { rows } = await client.query(
      "SELECT id, timestamp_ingesta::text, nombre_archivo, ruta_minio, num_registros, estado FROM ingestion_events ORDER BY id DESC LIMIT 10",
    );
    await client.end();
    expect(rows).toContainEqual({
      id: 1,
      timestamp_ingesta: "2025-12-20 12:12:09.495903",
      nombre_archivo: "network_events_20251220_121209.parquet",
      ruta_minio: "s3://cybersec-ml-raw/network_events_20251220_121209.parquet",
      num_registros: 10,
      estado: "SUCCESS",
    });
  });

  test.each([
    ["adds no row", `${event} ${SAMPLE}`],
    ["changes no row", "UPDATE ingestion_events SET estado = 'x'"],
    ["deletes no row", "DELETE FROM ingestion_events"],
  ])("it %s", async (_, statement) => {
    expect(await answer("cybersec_auditor", "mlops_db", statement)).toBe(REFUSED);
  });
});

describe("the feature store of mlops", () => {
  test.each([
    ["makes tables in the schema that is its own", "CREATE TABLE features.tried (id int)", "ok"],
    ["makes none beside", "CREATE TABLE public.tried (id int)", REFUSED],
    ["reads nobody's exposures", "SELECT 1 FROM experiments.exposures", REFUSED],
  ])("%s", async (_, statement, expected) => {
    expect(await answer("mlops_feature_store", "experiments_db", statement)).toBe(expected);
  });

  test("no other role of the platform reads what it keeps", async () => {
    expect(await answer("mlops_model_api", "experiments_db", "SELECT 1 FROM features.tried")).toBe(REFUSED);
  });
});

describe("who comes in, and where", () => {
  const attempt = (login: Promise<pg.Client>): Promise<string> =>
    login.then(
      async (client) => {
        await client.end();
        return "in";
      },
      (error: pg.DatabaseError) => `${error.code}: ${error.message}`,
    );

  test("a role doesn't get into the database of another platform, by rule of the server and by grant", async () => {
    expect(await attempt(postgres.as("cybersec_ingestion", "dataops_db"))).toMatch(/^28000: pg_hba/);
    expect(await attempt(postgres.as("dataops_consumer", "postgres"))).toMatch(/^28000: pg_hba/);
    const superuser = await postgres.superuser("postgres");
    const { rows } = await superuser.query(
      `SELECT rolname, array_agg(datname::text ORDER BY datname) AS databases FROM pg_roles, pg_database
       WHERE rolcanlogin AND NOT rolsuper AND datallowconn AND has_database_privilege(pg_roles.oid, pg_database.oid, 'CONNECT')
       GROUP BY rolname ORDER BY rolname`,
    );
    await superuser.end();
    // Whoever logs in stands on the page of roles, in that database alone; the owner and the metrics are no platform's.
    const page = readFileSync(join(ROOT, "docs/roles.md"), "utf8").split("\n### ");
    const shown = page
      .filter((part) => part.startsWith("Databases"))
      .flatMap((part) =>
        [...part.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(([, role, database]) => [role, [database]]),
      );
    const live = rows.map(({ rolname, databases }) => [rolname, databases]);
    expect(live.filter(([role]) => !role.startsWith("bucketworks_"))).toEqual(shown.sort());
    expect(Object.fromEntries(rows.map(({ rolname, databases }) => [rolname, databases]))).toEqual({
      bucketworks_metrics: ["postgres"],
      bucketworks_owner: [
        "cybersec_mlflow",
        "dataops_db",
        "experiments_db",
        "ml_security_mlflow",
        "mlflow",
        "mlops_db",
        "postgres",
      ],
      cybersec_auditor: ["mlops_db"],
      cybersec_ingestion: ["mlops_db"],
      cybersec_mlflow: ["cybersec_mlflow"],
      dataops_consumer: ["dataops_db"],
      dataops_loader: ["dataops_db"],
      dataops_promoter: ["dataops_db"],
      dataops_validator: ["dataops_db"],
      ml_security_mlflow: ["ml_security_mlflow"],
      mlops_experiment_report: ["experiments_db"],
      mlops_experimenter: ["experiments_db"],
      mlops_feature_store: ["experiments_db"],
      mlops_mlflow: ["mlflow"],
      mlops_model_api: ["experiments_db"],
    });
  });

  test("the superuser doesn't come in over the network, whatever its password", async () => {
    const superuser = await postgres.superuser();
    await superuser.query("ALTER ROLE postgres PASSWORD 'known'");
    await superuser.end();
    expect(await attempt(postgres.as("postgres", "mlops_db", "known"))).toMatch(/^28000: pg_hba/);
  });

  test("a wrong password and an empty one are refused", async () => {
    expect(await attempt(postgres.as("cybersec_ingestion", "mlops_db", "wrong"))).toMatch(/^28P01/);
    expect(await attempt(postgres.as("cybersec_ingestion", "mlops_db", ""))).not.toBe("in");
  });

  test("the owner is no superuser, and no workload's role is more than a login", async () => {
    const superuser = await postgres.superuser();
    const { rows } = await superuser.query(
      `SELECT rolname, rolsuper OR rolreplication OR rolbypassrls AS mighty, rolcreatedb OR rolcreaterole AS maker,
         left(rolpassword, 13) AS kept FROM pg_authid WHERE rolcanlogin AND rolname <> 'postgres' ORDER BY rolname`,
    );
    await superuser.end();
    expect(rows.map(({ rolname, mighty, maker, kept }) => [rolname, mighty, maker, kept])).toEqual([
      ["bucketworks_metrics", false, false, "SCRAM-SHA-256"],
      ["bucketworks_owner", false, true, "SCRAM-SHA-256"],
      ...["auditor", "ingestion", "mlflow"].map((key) => [`cybersec_${key}`, false, false, "SCRAM-SHA-256"]),
      ...["consumer", "loader", "promoter", "validator"].map((key) => [
        `dataops_${key}`,
        false,
        false,
        "SCRAM-SHA-256",
      ]),
      ...[
        "ml_security_mlflow",
        "mlops_experiment_report",
        "mlops_experimenter",
        "mlops_feature_store",
        "mlops_mlflow",
        "mlops_model_api",
      ].map((role) => [...[role, false, false, "SCRAM-SHA-256"]]),
    ]);
  });

  test("with TLS nobody comes in without it, and nobody takes another server for this one", async () => {
    const certificate = makeCertificate();
    const secured = await TestPostgres.start(plan, certificate);
    try {
      await migrate({ server: secured.server, plan, folder, key: secured.key, wait: 0, ownServer: true });
      expect(await attempt(secured.as("cybersec_auditor", "mlops_db"))).toBe("in");
      const clear = { ...secured.server, ca: undefined };
      await expect(
        migrate({ server: clear, plan, folder, key: secured.key, wait: 0, ownServer: true }),
      ).rejects.toThrow(/refuses bucketworks_owner.*no encryption/);
      const trusting = { ...secured.server, ca: "public" };
      await expect(
        migrate({ server: trusting, plan, folder, key: secured.key, wait: 0, ownServer: true }),
      ).rejects.toThrow(/doesn't answer with TLS: .*; fix the server's certificate/);
    } finally {
      await secured.stop();
      certificate.remove();
    }
  });
});
