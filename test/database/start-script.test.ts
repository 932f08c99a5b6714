import { type ChildProcess, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { followCertificate } from "../../builders/postgres/kubernetes/start-script.ts";
import { type PostgresPlace, postgresProgram, preparePostgres } from "../../cli/local/postgres/program.ts";
import { eventually } from "../support/local-checkout.ts";
import { freePort } from "../support/minio.ts";
import { type Certificate, makeCertificate, renewCertificate } from "../support/tls.ts";

const PERIOD = 1;

let certificate: Certificate;
let place: PostgresPlace;
let server: ChildProcess;

beforeAll(async () => {
  certificate = makeCertificate();
  const files = { certificate: join(certificate.folder, "public.crt"), key: join(certificate.folder, "private.key") };
  place = { folder: mkdtempSync(join(tmpdir(), "bucketworks-pg-")), port: await freePort(), tls: files };
  preparePostgres(place, { schemaVersion: 1, databases: [] }, Buffer.alloc(32, 7).toString("base64"));
  // As the pod does it: the shell that looks after the certificate becomes the server.
  const stranger = process.getuid?.() === 0 ? "unshare --user --map-user=1 --map-group=1 -- " : "";
  const command = `${stranger}${postgresProgram("postgres")} -D ${place.folder}/data -c config_file=${place.folder}/access/postgresql.conf`;
  server = spawn("sh", ["-c", `set -eu\n${followCertificate(files.certificate, PERIOD)}exec ${command}`], {
    env: { PATH: process.env.PATH, LC_ALL: "C" },
    stdio: "ignore",
  });
  await eventually(async () => (await served()) !== undefined);
});

afterAll(() => {
  server?.kill("SIGKILL");
  certificate?.remove();
  rmSync(place.folder, { recursive: true, force: true });
});

/** Fingerprint of the certificate that a client is shown; undefined where nobody answers. */
async function served(): Promise<string | undefined> {
  let shown: string | undefined;
  const ssl = {
    ca: readFileSync(certificate.caFile, "utf8"),
    checkServerIdentity: (_: string, { fingerprint256 }: { fingerprint256: string }) => {
      shown = fingerprint256;
      return undefined;
    },
  };
  const client = new pg.Client({ host: "127.0.0.1", port: place.port, user: "nobody", database: "postgres", ssl });
  await client.connect().catch(() => undefined);
  await client.end().catch(() => undefined);
  return shown;
}

test("a server shows a renewed certificate within two looks, and goes on", async () => {
  const before = await served();
  renewCertificate(certificate);
  const renewed = new X509Certificate(readFileSync(join(certificate.folder, "public.crt"))).fingerprint256;
  expect(renewed).not.toBe(before);
  await eventually(async () => (await served()) === renewed, 10_000 * PERIOD);
  expect(server.exitCode).toBeNull();
});

test("the process that looks after the certificate doesn't hold up a shutdown", async () => {
  const began = Date.now();
  const exit = once(server, "exit");
  server.kill("SIGINT");
  expect(await exit).toEqual([0, null]);
  expect(Date.now() - began).toBeLessThan(5000);
});
