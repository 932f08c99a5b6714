import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { ForgedReport } from "../../verify/forged/forged-report.ts";
import { forgedLine } from "../../verify/forged/forged-words.ts";
import { verifyForged } from "../../verify/forged/verify-forged.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { OpenServer } from "../support/open-server.ts";
import { dumpOf } from "../support/state.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { addressOf, bucketworks, environment, make, SpecFile } from "../support/verified.ts";

const SPEC = `
bucket_groups:
  all:
    buckets:
      - {name: locked-data, versioning: true, object_lock: {mode: compliance, days: 1}}
      - {name: clean-data, versioning: true}
access:
  policies:
    writer: {name: writer, grants: [{role: write, bucket: clean-data, prefixes: ["in!'()/"]}]}
  users:
    ada: {policies: [writer]}
`;
const LOCKED = `bucket_groups: {all: {buckets: [{name: locked-data, versioning: true, object_lock: {mode: compliance, days: 1}}]}}`;

let server: TestServer;
let open: OpenServer;
let mc: Mc;
let spec: SpecFile;

beforeAll(async () => {
  server = await TestServer.start();
  open = await OpenServer.before(server);
  mc = new Mc(server);
  spec = new SpecFile(SPEC);
  await make(spec.model(), server);
  await mc.run("admin", "user", "add", "t", "nosey", "a-secret-of-the-test");
  const looks = join(temporaryFolder(), "looks.json");
  const grants = ["clean-data", "locked-data"].map((bucket) => ({ role: "inspect" as const, bucket, prefixes: [] }));
  writeFileSync(looks, JSON.stringify(accessPolicy(grants)));
  await mc.run("admin", "policy", "create", "t", "looks", looks);
  await mc.run("admin", "policy", "attach", "t", "looks", "--user", "nosey");
});

afterAll(async () => {
  open.stop();
  await server.stop();
  mc.remove();
  spec.remove();
});

const throughOpen = (changes = {}) =>
  verifyForged(spec.model(), addressOf(server, { endpoint: open.endpoint, ...changes }));
const NOSEY = { accessKey: "nosey", secretKey: "a-secret-of-the-test" };
const holesOf = ({ findings }: ForgedReport): string[] => findings.map(({ hole }) => hole).sort();
const ALL = ["snowball", "unsigned copy source", "unsigned trailer"];

/** What is there, and what nobody completed. */
async function everything(): Promise<unknown> {
  return { dump: await dumpOf(server), uploads: await mc.run("ls", "--incomplete", "--recursive", "t/clean-data") };
}

test("the server of this checkout lets no forged request in, and trying leaves nothing on it", async () => {
  const before = await everything();
  const report = await verifyForged(spec.model(), addressOf(server));
  expect(report).toMatchObject({ findings: [], untried: [], notTried: [], left: [] });
  expect(report.tries).toBeGreaterThan(20);
  expect(await everything()).toEqual(before);
});

test("each kind of forged request that gets in is found, in anybody's name, and stores nothing", async () => {
  open.openness = { writers: [server.user, "ada"] };
  const before = await everything();
  const report = await throughOpen();
  expect(holesOf(report)).toEqual(ALL);
  const requests = report.findings.flatMap(({ requests }) => requests.map(({ request }) => request));
  for (const deed of ["PUT of an object", "PUT of a part", "PUT of an archive to unpack"]) {
    for (const name of ["of the key at hand", "ada"]) {
      expect(requests).toContain(`${deed} with the name ${name} in its query and no signature`);
    }
  }
  const archive = "PUT of an archive to unpack with the name ada in its header and a false signature";
  expect(requests).toContain(archive);
  expect(requests).toContainEqual(expect.stringMatching(/presigned URL/));
  expect(report.findings.map(forgedLine).every((line) => /\((CVE|SN)-2026-\d+\).*docs\/servers\.md/.test(line))).toBe(
    true,
  );
  expect(await everything()).toEqual(before);
});

test("what a server stores of a forged request is removed, its version with it", async () => {
  open.openness = { writers: [server.user, "ada"], careless: true };
  const before = await everything();
  const { findings } = await throughOpen();
  const stored = findings.flatMap(({ hole, requests }) => (hole === "unsigned trailer" ? requests : []));
  expect(stored.filter(({ answer }) => answer === "200").length).toBeGreaterThan(1);
  expect(findings.flatMap(({ left }) => left)).toEqual([]);
  expect(await everything()).toEqual(before);
});

test("names of the specs show a hole to a key that may write nowhere itself", async () => {
  open.openness = { writers: ["ada"], others: ["nosey"] };
  const report = await throughOpen(NOSEY);
  expect(holesOf(report)).toEqual(["snowball", "unsigned trailer"]);
  expect(report.untried).toMatchObject([{ hole: "unsigned copy source" }]);
});

test("an open server is never called closed because no name at hand may write", async () => {
  open.openness = { writers: [], others: ["nosey", "ada"] };
  const { findings, untried } = await throughOpen(NOSEY);
  expect(findings).toEqual([]);
  expect(untried.map(({ hole }) => hole).sort()).toEqual(ALL);
});

test("a bucket under a lock is left alone, and that is said", async () => {
  const locked = new SpecFile(LOCKED);
  open.openness = { writers: [server.user] };
  const report = await verifyForged(locked.model(), addressOf(server, { endpoint: open.endpoint }));
  expect(report).toMatchObject({ tries: 0, findings: [], untried: [{ reason: expect.stringMatching(/object lock/) }] });
  locked.remove();
});

test("the command says what gets in and how to close it, and exits 1; in JSON, too", async () => {
  open.openness = { writers: [server.user] };
  const env = { ...environment(server), MINIO_ENDPOINT: open.endpoint };
  const text = await bucketworks(["verify", "--no-identities", spec.path], env);
  expect(text.code, text.stderr).toBe(1);
  expect(text.stdout).toMatch(/^server: accepts forged requests \(CVE-2026-41145\): .*docs\/servers\.md/m);
  const json = await bucketworks(["verify", "--no-identities", "--format", "json", spec.path], env);
  expect(JSON.parse(json.stdout).forged.findings[0]).toMatchObject({ advisory: "CVE-2026-41145", left: [] });
  for (const secret of [server.user, server.password]) expect(json.stdout + text.stdout).not.toContain(secret);
  const right = await bucketworks(["verify", "--no-identities", spec.path], environment(server));
  expect(right).toMatchObject({ code: 0, stdout: expect.stringMatching(/right \(stage dev/) });
});

test("a server that doesn't answer is neither open nor closed, and what it did before still counts", async () => {
  const nowhere = await verifyForged(spec.model(), addressOf(server, { endpoint: "127.0.0.1:1" }));
  expect(nowhere).toMatchObject({ findings: [], notTried: [{ reason: expect.stringMatching(/connection refused/) }] });
  open.openness = { writers: [server.user], answers: 3 };
  const report = await throughOpen();
  expect(holesOf(report)).not.toEqual([]);
  expect(report.notTried).toMatchObject([{ hole: null, reason: expect.stringMatching(/can't reach MinIO/) }]);
  const env = { ...environment(server), MINIO_ENDPOINT: open.endpoint };
  open.openness = { writers: [server.user], answers: 3 };
  const text = await bucketworks(["verify", "--no-identities", spec.path], env);
  expect(text).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/^could not try forged requests: can't reach/m),
  });
});
