import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { collectReport } from "../../cli/report/collect.ts";
import type { ResolvedModel } from "../../config/model.ts";
import type { LiveClient } from "../../live/client.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import type { Report } from "../../report/schema.ts";
import { verifyStage } from "../../verify/buckets.ts";
import { verifyForged } from "../../verify/forged/verify-forged.ts";
import { verifyIdentities } from "../../verify/identities/verify-identities.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import type { Mc } from "../support/mc.ts";
import type { TestServer } from "../support/minio.ts";
import { reportedServer, SECRET } from "../support/reported-server.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { ROOT } from "../support/toolchain.ts";
import { addressOf, bucketworks, environment, type Ran, type SpecFile } from "../support/verified.ts";

let server: TestServer;
let mc: Mc;
let spec: SpecFile;
let model: ResolvedModel;
let client: LiveClient;
let remove: (() => Promise<void>) | undefined;
let folder: string;
let history: string;

beforeAll(async () => {
  ({ server, mc, spec, model, client, remove } = await reportedServer());
});
afterAll(() => remove?.());
beforeEach(() => {
  folder = temporaryFolder();
  history = join(folder, "history.sqlite");
});

function run(command: "report" | "verify", ...args: readonly string[]): Promise<Ran> {
  const env = { ...environment(server), BUCKETWORKS_HISTORY: history };
  return bucketworks([command, "--no-identities", ...args, spec.path], env);
}

function collect(address: ServerAddress, changes: Partial<Parameters<typeof collectReport>[1]> = {}): Promise<Report> {
  const stack = { root: ROOT, env: {}, name: "dev" };
  return collectReport({ model, server: address }, { depth: "usage", stack, identities: false, ...changes });
}

const report = (...args: readonly string[]): Promise<Ran> => run("report", ...args);
const read = (name: string): Report => JSON.parse(readFileSync(join(folder, name), "utf8"));

describe("a server that is as the specs say", () => {
  test("has score 100, as JSON of the published schema and as a page, for its owner's eyes alone", async () => {
    const { code, stderr } = await report("--out", folder);
    expect(stderr).toMatch(/^report: .*report\.json\nreport: .*report\.html\n$/);
    expect(code).toBe(0);
    const schema = JSON.parse(readFileSync(join(ROOT, "docs/report.schema.json"), "utf8"));
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    const found = read("report.json");
    expect(validate(found), JSON.stringify(validate.errors)).toBe(true);
    const counts = { total_buckets: 3, healthy_buckets: 3, unhealthy_buckets: 0 };
    expect(found).toMatchObject({ overall_health_score: 100, ...counts });
    expect(found.server).toMatchObject({ kind: "MinIO", version: expect.stringMatching(/^20\d\d-/) });
    expect(readFileSync(join(folder, "report.html"), "utf8")).toMatch(/^<!doctype html>/i);
    for (const name of ["report.json", "report.html"]) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(["history.sqlite", "report.html", "report.json"]);
  });

  test("tells sizes, prefixes, ages and what expires, and of which source; hostile keys stay text", async () => {
    const { buckets } = await collect(addressOf(server));
    const [other, raw, reports] = buckets;
    expect(raw?.usage).toMatchObject({ bytes: 22, objects: 3, versions: 5, source: "listing", complete: true });
    expect(raw?.prefixes).toEqual([
      { prefix: "a/", bytes: 11, objects: 2 },
      { prefix: "a+b c/", bytes: 7, objects: 1 },
      { prefix: "", bytes: 4, objects: 0 },
    ]);
    expect(raw?.quota).toEqual({ bytes: 2 ** 30, used_percent: 0 });
    expect(raw?.ages[0]).toMatchObject({ from_days: 0, to_days: 1, objects: 3 });
    expect(reports?.expires.map(({ objects }) => objects)).toEqual([0, 0, 0, 1]);
    expect(other?.usage).toMatchObject({ bytes: 0, objects: 0 });
    expect(raw?.probe_latency_ms).toBeGreaterThan(0);
  });

  test("is listed to a limit, and the report says that there is more", async () => {
    const { buckets, not_looked: notLooked } = await collect(addressOf(server), { maxObjects: 2 });
    const raw = buckets.find(({ name }) => name === "raw-data");
    expect(raw?.listed).toEqual({ objects: 2, complete: false });
    expect(raw?.usage).toMatchObject({ source: "listing", complete: false });
    expect(notLooked.map(({ what }) => what)).toContain("sizes by the server's count");
  });

  test("at depth health no object is listed", async () => {
    const { buckets, overall_health_score: score } = await collect(addressOf(server), { depth: "health" });
    expect(score).toBe(100);
    expect(buckets.map(({ ages, listed }) => [ages, listed])).toEqual(Array(3).fill([[], null]));
  });

  test("who may do what comes from the server's policies, and tries with each key confirm it", async () => {
    const address = addressOf(server);
    const keys = Object.fromEntries(["ada", "keeping"].map((name) => [name, { accessKey: name, secretKey: SECRET }]));
    const identities = await verifyIdentities(model, address, keys);
    const buckets = await verifyStage(model, address);
    const found = { ...buckets, identities, forged: await verifyForged(model, address) };
    const { access } = await collect(address, { verified: { found, answers: new Map() } });
    expect("entries" in access && access.entries.filter(({ identity }) => identity === "ada")).toEqual([
      expect.objectContaining({ bucket: "raw-data", actions: ["write"], prefixes: [], confirmed: true }),
      expect.objectContaining({ bucket: "reports", actions: ["list", "read"], prefixes: ["daily/"], confirmed: true }),
    ]);
  });

  test("each setting of a bucket is asked for once, all of them for drift in one answer, objects by the thousand (U-098)", async () => {
    const proxy = await CuttingProxy.before(server.url);
    const requests: string[] = [];
    proxy.cut = (request) => {
      requests.push(request);
      return undefined;
    };
    try {
      const found = await collect(addressOf(server, { endpoint: proxy.endpoint }));
      expect(found.overall_health_score).toBe(100);
    } finally {
      proxy.stop();
    }
    const asked = (part: string): number => requests.filter((request) => request.includes(part)).length;
    for (const setting of ["versioning", "tagging", "lifecycle", "encryption", "policy"]) {
      expect([setting, asked(`/raw-data?${setting}=`)]).toEqual([setting, 1]);
    }
    expect(asked("get-bucket-quota?bucket=raw-data")).toBe(1);
    expect(asked("export-bucket-metadata")).toBe(1);
    expect(asked("max-keys=1000")).toBe(3);
  });

  test("a second report has the first in its trend, and both in the text", async () => {
    await report("--out", folder);
    const { stdout } = await report("--out", folder);
    expect(read("report.json").trend).toHaveLength(2);
    expect(stdout).toMatch(/^score 100: 3 of 3 buckets healthy; 100 at 20\S+ \(stage dev, /m);
  });

  test("one bucket is shown with its identities (U-094), and an unknown one is refused with the nearest name", async () => {
    const { stdout, code } = await report("--bucket", "raw-data");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^raw-data \(platform trial\): healthy, score 100$/m);
    expect(stdout).toMatch(/^ada +user +write +everywhere +not tried$/m);
    const unknown = await report("--bucket", "raw-dta");
    expect(unknown.stderr).toBe('--bucket "raw-dta": no platform has it; did you mean raw-data?\n');
    expect(unknown.code).toBe(2);
  });

  test("verify tells each check with its duration (U-057, U-095), and writes the same report", async () => {
    const { code, stderr } = await run("verify", "--verbose", "--report", folder);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^raw-data versioning: looked at \(\d+\.\d ms, request [0-9A-F]+\)$/m);
    expect(stderr).toMatch(/^forged requests \(\d+\): \d+\.\d\d s$/m);
    expect(read("report.json")).toMatchObject({ overall_health_score: 100, total_buckets: 3 });
  });

  test("reports are stored below the week, as JSON and as a page (U-100)", async () => {
    const { stderr, code } = await report("--store", "reports/type=weekly/week={week}/", "--price", "0.5");
    expect(code).toBe(0);
    const [json = "", page = ""] = [...stderr.matchAll(/s3:\/\/reports\/(\S+)/g)].map(([, key]) => key ?? "");
    expect(json).toMatch(/^type=weekly\/week=\d{6}\/report-\d{14}\.json$/);
    const stored = JSON.parse((await client.send({ bucketName: "reports", objectName: json })).body);
    expect(stored).toMatchObject({ schemaVersion: 1, price_per_gib_month: 0.5 });
    expect(await mc.run("stat", "--json", `t/reports/${page}`)).toContain("text/html");
    const refused = await report("--store", "nowhere/");
    expect(refused.stderr).toMatch(
      /^report: the report can't be stored as s3:\/\/nowhere\/report-\d+\.json: MinIO answers NoSuchBucket/m,
    );
    expect(refused.code).toBe(3);
  });
});

describe("what is wrong", () => {
  test("takes its share of the score, or all of it, and is told with its cure", async () => {
    await mc.run("version", "suspend", "t/other-data");
    await mc.run("anonymous", "set", "download", "t/raw-data");
    try {
      const { code, stdout } = await report("--format", "json", "--fail-on-unhealthy");
      expect(code).toBe(1);
      // A job that wrote a report has done what it is for: Kubernetes must not run it again, nor show it as failed.
      expect((await report("--out", folder)).code).toBe(0);
      expect(read("report.json").unhealthy_buckets).toBe(2);
      const { buckets, overall_health_score: score, drift, access } = JSON.parse(stdout) as Report;
      expect(buckets.map(({ name, health_score: own }) => [name, own])).toEqual([
        ["other-data", 87.5],
        ["raw-data", 0],
        ["reports", 100],
      ]);
      expect(score).toBe(62.5);
      expect(buckets[1]?.findings).toMatchObject([{ severity: "critical", check: "policy", path: "policy" }]);
      expect(buckets[0]?.findings[0]?.cure).toContain("pulumi up --stack dev");
      expect("findings" in drift && drift.findings.map(({ name, path }) => `${name} ${path}`)).toContain(
        "other-data versioning",
      );
      expect("entries" in access && access.entries.find(({ kind }) => kind === "anyone")).toMatchObject({
        bucket: "raw-data",
        actions: expect.arrayContaining(["read"]),
      });
    } finally {
      await mc.run("version", "enable", "t/other-data");
      await mc.run("anonymous", "set", "private", "t/raw-data");
    }
  });

  test("a server that is away leaves every bucket unknown, score unknown, and the report is written", async () => {
    await server.pause();
    try {
      const { code, stderr } = await report("--out", folder);
      expect(code).toBe(3);
      expect(stderr).not.toMatch(/^ +at /m);
    } finally {
      await server.resume();
    }
    const found = read("report.json");
    expect(found).toMatchObject({ overall_health_score: null, unhealthy_buckets: 3 });
    expect(found.buckets[0]).toMatchObject({
      status: "unknown",
      not_looked: expect.stringContaining("can't reach MinIO"),
    });
    expect(found.access).toEqual({ reason: expect.stringContaining("can't reach MinIO") });
  });

  test("a server that goes away in the middle takes nothing that was seen before", async () => {
    const proxy = await CuttingProxy.before(server.url);
    // all of verify is done when the first bucket is listed
    let gone = false;
    proxy.cut = (request) => {
      gone ||= request.includes("versions") && request.includes("encoding-type");
      return gone ? "before" : undefined;
    };
    try {
      const found = await collect(addressOf(server, { endpoint: proxy.endpoint }));
      expect(found.overall_health_score).toBe(100);
      expect(found.buckets.map(({ listed }) => listed)).toEqual([null, null, null]);
      expect(found.not_looked).toContainEqual(
        expect.objectContaining({
          what: expect.stringMatching(/^contents/),
          reason: expect.stringContaining("can't reach"),
        }),
      );
      expect(found.drift).toEqual({ reason: expect.stringContaining("can't reach MinIO") });
    } finally {
      proxy.stop();
    }
  });

  test("a key that may list and no more gets sizes, and the reasons for what it can't see", async () => {
    const found = await collect(addressOf(server, { accessKey: "keeping", secretKey: SECRET }));
    const raw = found.buckets.find(({ name }) => name === "raw-data");
    expect(raw).toMatchObject({ status: "unknown", not_looked: expect.stringContaining("s3:GetBucketVersioning") });
    expect(raw?.usage).toMatchObject({ bytes: 22, objects: 3, source: "listing" });
    expect(found.access).toEqual({ reason: expect.stringContaining("admin:ListUsers") });
    expect(found.not_looked.map(({ reason }) => reason).join()).toContain("admin:DataUsageInfo");
  });
});

describe("a folder for reports", () => {
  test("that can't be one is refused before anything is looked at", async () => {
    writeFileSync(join(folder, "file"), "");
    const { code, stdout, stderr } = await report("--out", join(folder, "file/reports"));
    expect(stdout).toBe("");
    expect(stderr).toMatch(/is a file where a folder must be/);
    expect(code).toBe(3);
  });

  test("with a report of another version keeps that one, under another name", async () => {
    const old = JSON.stringify({ schemaVersion: 7, overall_health_score: 12 });
    writeFileSync(join(folder, "report.json"), old);
    const { code, stderr } = await report("--out", folder);
    expect(code).toBe(0);
    expect(stderr).toMatch(/report\.json was of version 7; it is .*report\.version-7\.\d+T\d+Z\.json now/);
    const aside = readdirSync(folder).find((name) => name.startsWith("report.version-7")) ?? "";
    expect(readFileSync(join(folder, aside), "utf8")).toBe(old);
    expect(read("report.json").schemaVersion).toBe(1);
  });

  test.each([
    ["other", '{"name": "app"}'],
    ["broken", '{"schemaVersion"'],
  ])("with %s JSON of that name is left alone, with exit code 2", async (_, text) => {
    writeFileSync(join(folder, "report.json"), text);
    const { code, stderr, stdout } = await report("--out", folder);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/report\.json is there and is no report of bucketworks/);
    expect(readFileSync(join(folder, "report.json"), "utf8")).toBe(text);
  });
});

test("a history that can't be used takes no report away: it says why there is no trend", async () => {
  mkdirSync(history);
  const { code } = await report("--out", folder);
  expect(code).toBe(0);
  expect(read("report.json").trend).toHaveLength(1);
  expect(read("report.json").not_looked.map(({ what }) => what)).toContain("trend");
  rmSync(history, { recursive: true });
});
