import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveClient } from "../../live/client.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import { reportKey, reportPlace, storeReport } from "../../verify/report-store.ts";
import { TestServer } from "../support/minio.ts";
import { bucketworks, environment, SpecFile } from "../support/verified.ts";

const MOMENT = new Date("2026-11-21T23:59:58Z");
const PLACE = { bucket: "reports", prefix: "type=daily/date={date}/" };
const KEY = "type=daily/date=20261121/verify-20261121235958.json";
let server: TestServer;
let address: ServerAddress;

beforeAll(async () => {
  server = await TestServer.start();
  const key = { accessKey: server.user, secretKey: server.password };
  address = { endpoint: server.endpoint, secure: false, region: "us-east-1", ...key };
  const client = new LiveClient(address);
  await client.send({ method: "PUT", bucketName: PLACE.bucket });
  client.close();
});
afterAll(() => server.stop());

test("the date of a prefix is the day in UTC, and each moment has a key of its own", () => {
  expect(reportKey(PLACE, MOMENT)).toBe(KEY);
  expect(reportKey({ bucket: "reports", prefix: "" }, MOMENT)).toBe("verify-20261121235958.json");
});

test.each([
  ["type=weekly/week={week}/", "2026-11-30T06:00:00Z", "type=weekly/week=202649/"],
  ["type=weekly/week={week}/", "2027-01-03T23:59:59Z", "type=weekly/week=202653/"],
  ["type=weekly/week={week}/", "2024-12-30T00:00:00Z", "type=weekly/week=202501/"],
  ["type=monthly/month={month}/", "2026-12-01T00:00:00Z", "type=monthly/month=202612/"],
  ["type=quarterly/period={period}/", "2026-10-01T00:00:00Z", "type=quarterly/period=2026q4/"],
])("%s at %s is %s", (prefix, moment, key) => {
  const file = { begin: "report", extension: "html" };
  const timestamp = moment.replaceAll(/\D/g, "");
  expect(reportKey({ bucket: "reports", prefix }, new Date(moment), file)).toBe(`${key}report-${timestamp}.html`);
});

test.each([
  ["reports/type=daily/date={date}/", PLACE],
  ["reports/", { bucket: "reports", prefix: "" }],
  ["reports", "must be BUCKET/PREFIX, like reports/type=daily/date={date}/"],
  ["reports/daily", "must end in a slash: the report's own name follows"],
  ["reports/team={team}/", "holds {team}, and only {date}, {week}, {month}, {period}, {timestamp} are known"],
])("%s as a place", (text, read) => {
  expect(reportPlace(text)).toEqual(read);
});

test("a report is kept as it was, and its URI answered", async () => {
  expect(await storeReport({ schemaVersion: 1, findings: [] }, PLACE, address, MOMENT)).toBe(`s3://reports/${KEY}`);
  const client = new LiveClient(address);
  const { body } = await client.send({ bucketName: "reports", objectName: KEY });
  client.close();
  expect(JSON.parse(body)).toEqual({ schemaVersion: 1, findings: [] });
});

test.each(["text", "json"])(
  "findings are shown as %s although the report can't be stored, with exit code 3",
  async (format) => {
    const spec = new SpecFile("bucket_groups: {trial: {buckets: [{name: never-made}]}}");
    const args = ["verify", "--format", format, "--no-identities", "--store", "nowhere/", spec.path];
    try {
      const { code, stdout, stderr } = await bucketworks(args, environment(server));
      expect(stdout).toContain("never-made");
      expect(stderr).toMatch(
        /^verify: the report can't be stored as s3:\/\/nowhere\/verify-\d+\.json: MinIO answers NoSuchBucket/,
      );
      expect(code).toBe(3);
    } finally {
      spec.remove();
    }
  },
);

test("with --wait a place that doesn't take the report yet is tried again", async () => {
  const spec = new SpecFile("bucket_groups: {trial: {buckets: []}}");
  const args = ["verify", "--no-identities", "--wait", "30s", "--store", "late/", spec.path];
  const client = new LiveClient(address);
  try {
    const run = bucketworks(args, environment(server));
    await setTimeout(3000);
    await client.send({ method: "PUT", bucketName: "late" });
    const { code, stderr } = await run;
    expect(stderr).toMatch(/^report: s3:\/\/late\/verify-\d+\.json$/m);
    expect(code).toBe(0);
  } finally {
    client.close();
    spec.remove();
  }
});

test("a bucket that isn't there, a key that may not, and a server that is away are told by URI and reason", async () => {
  const elsewhere = storeReport({}, { ...PLACE, bucket: "nowhere" }, address, MOMENT);
  await expect(elsewhere).rejects.toThrow(
    /the report can't be stored as s3:\/\/nowhere\/\S+: MinIO answers NoSuchBucket/,
  );
  const stranger = storeReport({}, PLACE, { ...address, secretKey: "another-secret" }, MOMENT);
  await expect(stranger).rejects.toThrow(/refuses the credentials \(SignatureDoesNotMatch\)/);
  const away = storeReport({}, PLACE, { ...address, endpoint: "127.0.0.1:1" }, MOMENT);
  await expect(away).rejects.toThrow(/can't reach MinIO at http:\/\/127\.0\.0\.1:1: connection refused/);
});
