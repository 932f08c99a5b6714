import { randomBytes, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Outcome } from "../support/checkout.ts";
import type { ClusterCheckout } from "../support/cluster-checkout.ts";
import { added, HISTORY, KEPT } from "../support/ingestion-history.ts";
import type { TestCluster } from "../support/kubernetes/cluster.ts";
import { testCluster, whyNoCluster } from "../support/kubernetes/test-cluster.ts";
import { eventually } from "../support/local-checkout.ts";
import { ingestsOnce } from "../support/pipelines/ingestion-in-cluster.ts";
import { type Asked, backedUp, beginsWith } from "../support/point-in-time.ts";
import { postgresCheckout, postgresSettings } from "../support/postgres-checkout.ts";
import { askPostgres, databasesOf, type Login, servedCertificate } from "../support/postgres-in-pod.ts";
import { type Certificate, makeCertificate, renewCertificate, suppliedCertificate } from "../support/tls.ts";

const reason = whyNoCluster();

const SIZE = "4Gi";
/** The claim of its data. */
const VOLUME = "data-mlops-postgresql-0";
/** A server that begins with a backup of the first one. */
const SECOND = "mlops-postgresql-2";

describe.skipIf(reason !== undefined)(
  reason ?? "PostgreSQL on Kubernetes, by the program that makes its buckets",
  () => {
    let cluster: TestCluster;
    let checkout: ClusterCheckout;
    let certificate: Certificate;
    /** The pod that was there when the certificate was renewed. */
    let running: string;
    /** Between two rows that were added after the base backup. */
    let between: Date;
    /** The pod of the server that the stack has. */
    let serving = "mlops-postgresql-0";

    beforeAll(async () => {
      cluster = await testCluster();
      checkout = await postgresCheckout(cluster);
      await supply();
      await cluster.smallVolume({ namespace: checkout.namespace, name: VOLUME }, SIZE, 256);
      await checkout.set(postgresSettings(checkout.namespace, SIZE));
      await checkout.setSecret("databaseKey", randomBytes(32).toString("base64"));
    });

    afterAll(async () => {
      await checkout?.remove();
      certificate?.remove();
    });

    const host = (name = "mlops-postgresql"): string => `${name}.${checkout.namespace}.svc.cluster.local`;

    /** The namespace, and in it a certificate for the server that is to come. */
    async function supply(): Promise<void> {
      certificate = makeCertificate([host(), host(SECOND)]);
      await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: checkout.namespace } });
      await hand(certificate);
    }

    /** Another certificate of the same authority goes the same way. */
    const hand = (given: Certificate) => cluster.apply(suppliedCertificate(checkout.namespace, given));
    /** The server behind its Service. */
    const server = () => ({ cluster, namespace: checkout.namespace, host: host(), caFile: certificate.caFile });

    const kubectl = (...args: string[]): Promise<string> => cluster.kubectl("-n", checkout.namespace, ...args);
    const said = ({ stdout, stderr }: Outcome): string => stdout + stderr;

    async function up(): Promise<void> {
      const done = await checkout.pulumi("up", "--yes", "--skip-preview");
      expect(done.code, said(done)).toBe(0);
    }

    const databases = (...more: string[]) => databasesOf(checkout, ...more);

    const ask = (login: Login, statement: string, tls = true): Promise<string> =>
      askPostgres(server(), login, statement, tls);

    const pod = (): Promise<string> => kubectl("get", "pod", "mlops-postgresql-0", "-o", "jsonpath={.metadata.uid}");

    const psql = (statement: string): Promise<string> =>
      cluster.exec(checkout.namespace, serving, "psql", "-U", "postgres", "mlops_db", "-c", statement);

    /** As the ingestion adds a row. */
    const add = async (file: string): Promise<void> => {
      const { credentials } = await databases("--show-secrets");
      expect(await ask(credentials.cybersec_ingestion as never, added(file))).toBe("[]");
    };
    const asked = (): Asked => ({ psql, kubectl, add });

    test("one update brings it to Ready with migrations applied; a preview is empty then", {
      timeout: 300_000,
    }, async () => {
      await up();
      const ready = "jsonpath={.status.readyReplicas}";
      expect(await kubectl("get", "statefulset", "mlops-postgresql", "-o", ready)).toBe("1");
      expect(await kubectl("get", "job", "-o", "jsonpath={.items[*].status.succeeded}")).toBe("1");
      const preview = await checkout.pulumi("preview", "--expect-no-changes", "--refresh");
      expect(preview.code, said(preview)).toBe(0);
    });

    test("the stack answers where it is and who logs in, and keeps the passwords secret", async () => {
      const names = ["cybersec_mlflow", "mlops_db"];
      expect(await databases()).toMatchObject({ host: host(), port: 5432, names, credentials: "[secret]" });
      const state = await checkout.must("pulumi", "stack", "export", "--stack", "cluster");
      const { credentials } = await databases("--show-secrets");
      for (const { password } of Object.values(credentials)) expect(state).not.toContain(password);
      expect(state).not.toContain("SCRAM-SHA-256$");
    });

    test("the history is asked by kubectl exec as the source does it (CS-064), and nobody asks as superuser over the network", async () => {
      await add("first.parquet");
      expect(await psql(HISTORY)).toMatch(/first\.parquet .*10 \| SUCCESS/);
      const superuser = { user: "postgres", password: "postgres", database: "mlops_db" };
      expect(await ask(superuser, HISTORY)).toMatch(/^28000: pg_hba/);
    });

    test("nobody comes in over the network without TLS", async () => {
      const { credentials } = await databases("--show-secrets");
      expect(await ask(credentials.cybersec_auditor as never, HISTORY, false)).toMatch(
        /^28000: pg_hba.* no encryption/,
      );
    });

    test("a service of another platform reads the database that both have, over TLS that it verifies", async () => {
      const { port, close } = await cluster.forward(checkout.namespace, "service/counter", 8080);
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/`);
        expect(await answer.json()).toEqual({ events: 1, encrypted: true });
      } finally {
        await close();
      }
      const scaled = "jsonpath={.spec.minReplicas}-{.spec.maxReplicas}";
      expect(await kubectl("get", "horizontalpodautoscaler", "counter", "-o", scaled)).toBe("1-2");
      const { credentials } = await databases("--show-secrets");
      expect(await ask(credentials.desk_reader as never, added("x"))).toMatch(/^42501: permission denied/);
    });

    test("each role does what it is for and is refused the rest, with what its Secret says", async () => {
      const { credentials } = await databases("--show-secrets");
      expect(await ask(credentials.cybersec_ingestion as never, HISTORY)).toMatch(/^42501: permission denied/);
      expect(await ask(credentials.cybersec_auditor as never, HISTORY)).toContain("first.parquet");
      expect(await ask(credentials.cybersec_auditor as never, added("x"))).toMatch(/^42501: permission denied/);
      const secret = JSON.parse(await kubectl("get", "secret", "cybersec-ingestion-postgres", "-o", "json")).data;
      const decoded = (value: unknown): string => Buffer.from(String(value), "base64").toString();
      const values = Object.fromEntries(Object.entries(secret).map(([name, value]) => [name, decoded(value)]));
      const { user, password, database } = credentials.cybersec_ingestion ?? {};
      expect(values).toMatchObject({ PG_USER: user, PG_PASSWORD: password, PG_DATABASE: database, PG_PORT: "5432" });
      expect(values).toMatchObject({ PGHOST: values.PG_HOST, PGSSLMODE: "verify-full" });
    });

    test("the scheduled ingestion, run once by hand, leaves an object and its row, with nothing of the node in its pod", {
      timeout: 240_000,
    }, async () => {
      const { credentials } = await databases("--show-secrets");
      await ingestsOnce(checkout, (statement) => ask(credentials.cybersec_auditor as never, statement));
    });

    test("the scheduled job makes a base backup, with a key that the server itself never sees (ML-011)", {
      timeout: 120_000,
    }, async () => {
      between = await backedUp(checkout, asked());
      const key = ["cat", "/etc/bucketworks/backup-key/credentials"];
      const own = await cluster.try("exec", "-n", checkout.namespace, serving, "-c", "postgresql", "--", ...key);
      expect(own.stderr).toMatch(/No such file/);
    });

    test("committed rows outlive a pod that is killed", { timeout: 120_000 }, async () => {
      await kubectl("delete", "pod", "mlops-postgresql-0", "--grace-period=0", "--force");
      await eventually(
        () =>
          psql(KEPT).then(
            (text) => text.includes("first.parquet"),
            () => false,
          ),
        90_000,
      );
      await kubectl("wait", "pod/mlops-postgresql-0", "--for=condition=Ready", "--timeout=60s");
    });

    test("a full volume refuses what it has no room for, keeps what was committed, and goes on with room again", {
      timeout: 120_000,
    }, async () => {
      const { credentials } = await databases("--show-secrets");
      const rows = (count: number): string =>
        `SELECT $1 FROM generate_series(1, ${count}) AS number ORDER BY number DESC`;
      // A run and an object have one row each: every row has a name of its own.
      const insert = (count: number): string =>
        added("many.parquet")
          .replace(/VALUES \((.*)\)/s, rows(count))
          .replaceAll("many.parquet'", "many.parquet' || number");
      // The server's own housekeeping goes on in a new segment of the log: at the end of one it would have no room for the
      // next, and end.
      for (const statement of ["SELECT pg_switch_wal()", "CHECKPOINT"]) await psql(statement);
      await cluster.ballast(checkout.namespace, VOLUME, "fill");
      // Whatever the server's own housekeeping frees meanwhile (old log, dead rows): sorted, these need more bytes than
      // the volume has in all, and none of them in the log, whose lack would end the server.
      const refused = await ask(credentials.cybersec_ingestion as never, insert(5_000_000));
      expect(refused).toMatch(/^53100: could not (write to|extend) file .*No space left on device/);
      expect(await ask(credentials.cybersec_auditor as never, KEPT)).toContain("first.parquet");
      await cluster.ballast(checkout.namespace, VOLUME, "free");
      expect(await ask(credentials.cybersec_ingestion as never, insert(50_000))).toBe("[]");
    });

    test("a new migration is a new Job; another key gives every role another password", {
      timeout: 240_000,
    }, async () => {
      const before = (await databases("--show-secrets")).credentials.cybersec_auditor;
      checkout.writeFile(
        "config/migrations/cybersec/003.do.state-index.sql",
        "CREATE INDEX ingestion_events_estado ON public.ingestion_events (estado);\n",
      );
      await checkout.setSecret("databaseKey", randomBytes(32).toString("base64"));
      await up();
      expect(await psql("\\d ingestion_events")).toContain("ingestion_events_estado");
      expect(await ask(before as never, KEPT)).toMatch(/^28P01/);
      const { credentials } = await databases("--show-secrets");
      expect(await ask(credentials.cybersec_auditor as never, KEPT)).toContain("first.parquet");
      const preview = await checkout.pulumi("preview", "--expect-no-changes");
      expect(preview.code, said(preview)).toBe(0);
    });

    test("a certificate is renewed: the kubelet brings it while the next test runs", async () => {
      running = await pod();
      renewCertificate(certificate, [host(), host(SECOND)]);
      await hand(certificate);
    });

    test("a migration that fails ends the update with its file, line and reason, and leaves the database as it was", {
      timeout: 240_000,
    }, async () => {
      const file = "config/migrations/cybersec/004.do.wrong.sql";
      checkout.writeFile(file, "CREATE TABLE half_way (id int);\nINSERT INTO nowhere VALUES (1);\n");
      const failed = await checkout.pulumi("up", "--yes", "--skip-preview");
      expect(failed.code).not.toBe(0);
      expect(said(failed)).toMatch(/cybersec\/004\.do\.wrong\.sql:2: relation "nowhere" does not exist/);
      expect(await psql("\\d")).not.toContain("half_way");
      checkout.writeFile(file, "CREATE TABLE half_way (id int);\n");
      await up();
      expect(await psql("\\d")).toContain("half_way");
    });

    test("the renewed certificate is served, and the server wasn't started anew", { timeout: 240_000 }, async () => {
      const renewed = new X509Certificate(readFileSync(join(certificate.folder, "public.crt"))).fingerprint256;
      await eventually(async () => (await servedCertificate(server())) === renewed, 200_000);
      expect(await pod()).toBe(running);
      const { credentials } = await databases("--show-secrets");
      expect(await ask(credentials.cybersec_auditor as never, KEPT)).toContain("first.parquet");
    });

    test("another name, under which a server with empty tables would take its place, is refused in the preview", {
      timeout: 120_000,
    }, async () => {
      await checkout.set({ "postgres.name": "other" });
      const preview = await checkout.pulumi("preview");
      expect(preview.code).not.toBe(0);
      expect(said(preview)).toMatch(
        /bucketworks:postgres asks for name other, .* was made with name mlops-postgresql: .*pulumi config set --path --stack cluster bucketworks:postgres\.name mlops-postgresql /,
      );
      await checkout.set({ "postgres.name": "mlops-postgresql" });
    });

    test("another server begins with the data of a moment: it has the row of before, and not the one of after (ML-012)", {
      timeout: 240_000,
    }, async () => {
      await cluster.freeVolumes(1, SIZE);
      await beginsWith(checkout, SECOND, between, asked());
      await up();
      serving = `${SECOND}-0`;
      const names = await psql("SELECT nombre_archivo FROM ingestion_events ORDER BY id");
      for (const there of ["first.parquet", "early.parquet"]) expect(names).toContain(there);
      expect(names).not.toContain("late.parquet");
    });

    test("a cluster without CloudNativePG's kinds is told in a sentence, and nothing changes", {
      timeout: 120_000,
    }, async () => {
      await checkout.must("pulumi", "config", "rm", "--stack", "cluster", "bucketworks:postgres");
      await checkout.set({ "postgres.kind": "cloudnative-pg", "postgres.namespace": checkout.namespace });
      const preview = await checkout.pulumi("preview");
      expect(preview.code).not.toBe(0);
      expect(said(preview)).toMatch(
        /the cluster has no kinds of postgresql\.cnpg\.io: install the operator CloudNativePG, or deploy one server/,
      );
      expect(await psql(KEPT)).toContain("first.parquet");
    });

    test("its volume stays when the stack is destroyed", { timeout: 180_000 }, async () => {
      const claim = (): Promise<string> =>
        kubectl("get", "pvc", VOLUME, "-o", "jsonpath={.status.phase} {.spec.volumeName}");
      const before = await claim();
      const destroyed = await checkout.pulumi("destroy", "--yes", "--skip-preview");
      expect(destroyed.code, said(destroyed)).toBe(0);
      expect(await claim()).toBe(before);
      expect(await kubectl("get", "pods", "-o", "name")).not.toContain(serving);
    });
  },
);
