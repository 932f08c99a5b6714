import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ScanReport } from "../../scan/report/report.ts";
import { scanServer } from "../../scan/scan.ts";
import { Mc } from "../support/mc.ts";
import { TestServer } from "../support/minio.ts";
import { FrontServer, makeIdentities, makePolicy, makeUsers } from "../support/scanned.ts";
import { rootClient } from "../support/state.ts";
import { ROOT, tool } from "../support/toolchain.ts";
import { addressOf, bucketworks, environment, make, SpecFile } from "../support/verified.ts";
import { temporaryFolder } from "../toolchain/checkout.ts";

const SPEC = `
minio_config: {endpoint: "\${MINIO_ENDPOINT:-localhost:9000}", secure: false}
bucket_groups:
  trial:
    buckets:
      - {name: raw-data, versioning: true, retention_days: 30, encryption: sse-s3, quota: 1GiB, tags: {layer: L0}}
      - {name: open-data, public_read: [public/]}
      - {name: locked-data, versioning: true, object_lock: {mode: governance, days: 1}}
      - {name: vanishing-data}
access:
  policies:
    reader: {grants: [{role: read, bucket: raw-data}]}
    writer: {grants: [{role: write, bucket: raw-data, prefixes: [in/]}]}
  groups:
    staff: {policies: [reader]}
  users:
    ada: {groups: [staff]}
    robot: {policies: [reader, writer]}
  service_accounts:
    robot-job: {user: robot, policies: [writer]}
`;
const CANARY = "canary-4f1d-secret";
const SCANNER = { accessKey: "scanner", secretKey: `${CANARY}-scanner` };
const POLICY = JSON.parse(readFileSync(join(ROOT, "docs/scanner-policy.json"), "utf8"));
/** The scanning identity itself is in no spec. */
const IGNORES = `ignore:
  - {kind: user, name: scanner, owner: o, reason: r, expires: "9999-12-31"}
  - {kind: policy, name: scanner, owner: o, reason: r, expires: "9999-12-31"}
`;

let server: TestServer;
let mc: Mc;
let spec: SpecFile;
let front: FrontServer;
let ignores: string;

beforeAll(async () => {
  server = await TestServer.start();
  mc = new Mc(server);
  spec = new SpecFile(SPEC);
  front = await FrontServer.start(server);
  ignores = join(spec.path, "..", "ignore.yaml");
  writeFileSync(ignores, IGNORES);
  await make(spec.model(), server);
  await makeIdentities(spec.model(), mc, CANARY);
  await makePolicy(mc, "scanner", POLICY);
  await mc.run("admin", "user", "add", "t", SCANNER.accessKey, SCANNER.secretKey);
  await mc.run("admin", "policy", "attach", "t", "scanner", "--user", SCANNER.accessKey);
});

afterAll(async () => {
  front.close();
  await server.stop();
  mc.remove();
  spec.remove();
});

beforeEach(() => {
  front.takeOver = () => false;
});

const options = { mc: tool("mc") };

/** What scan finds, but for the identity that scans. */
async function scanned(changes: Parameters<typeof addressOf>[1] = {}, more = {}): Promise<ScanReport> {
  const report = await scanServer(spec.model(), addressOf(server, changes), { ...options, ...more });
  return { ...report, findings: report.findings.filter(({ subject }) => subject.name !== "scanner") };
}

function names({ findings }: ScanReport): string[] {
  return findings.map(({ kind, subject, path }) => `${kind} ${subject.kind} ${subject.name} ${path}`.trim());
}

function unread({ notLooked }: ScanReport): string[] {
  return notLooked.map(({ subject }) => `${subject.kind} ${subject.name ?? "*"}`).sort();
}

const run = (...args: string[]) => bucketworks(["scan", "--ignore", ignores, ...args, spec.path], environment(server));

describe("a server as the specs say", () => {
  test("has no finding, exit code 0, and nothing of mc's private folder is left", async () => {
    const TMPDIR = temporaryFolder();
    const env = { ...environment(server), TMPDIR };
    const { code, stdout, stderr } = await bucketworks(["scan", "--ignore", ignores, spec.path], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^buckets 4, users 3, groups 1, policies 8, .*: as the specs say, ignored 2 \(stage dev, /);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "ended by %s leaves nothing of mc's private folder either",
    async (signal) => {
      const TMPDIR = temporaryFolder();
      const env = { PATH: process.env.PATH, ...environment(server), TMPDIR };
      const child = spawn(`${ROOT}bin/bucketworks`, ["scan", spec.path], { env, stdio: "ignore" });
      const ended = once(child, "close");
      await expect.poll(() => readdirSync(TMPDIR), { timeout: 20_000, interval: 5 }).toHaveLength(1);
      child.kill(signal);
      expect(await ended).toEqual([null, signal]);
      expect(readdirSync(TMPDIR)).toEqual([]);
    },
  );

  test("has none in 100 scans", async () => {
    let left = 100;
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const report = await scanned();
        expect({ findings: names(report), unread: unread(report) }).toEqual({ findings: [], unread: [] });
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  }, 600_000);

  test("has none for the least-privilege identity either, which asks bucket by bucket", async () => {
    const report = await scanned(SCANNER);
    expect({ findings: names(report), unread: unread(report) }).toEqual({ findings: [], unread: [] });
  });
});

describe("the scanning identity", () => {
  test("can't write, delete or read an object, or change an identity, or have the keys of replication", async () => {
    const credentials = { accessKeyId: SCANNER.accessKey, secretAccessKey: SCANNER.secretKey };
    const s3 = new S3({ endpoint: server.url, region: "us-east-1", forcePathStyle: true, credentials });
    const Bucket = "raw-data";
    await rootClient(server).putObject({ Bucket, Key: "a", Body: "x" });
    const tries = [
      s3.putObject({ Bucket, Key: "b", Body: "x" }),
      s3.getObject({ Bucket, Key: "a" }),
      s3.deleteObject({ Bucket, Key: "a" }),
      s3.listObjectsV2({ Bucket }),
      s3.createBucket({ Bucket: "new-data" }),
      s3.deleteBucket({ Bucket }),
      s3.putBucketTagging({ Bucket, Tagging: { TagSet: [] } }),
      s3.deleteBucketPolicy({ Bucket }),
    ];
    const answers = await Promise.allSettled(tries);
    const errors = answers.map((each) => (each.status === "rejected" ? each.reason.name : "allowed"));
    expect(errors).toEqual(tries.map(() => "AccessDenied"));
    s3.destroy();
    const own = new Mc({
      ...server,
      endpoint: server.endpoint,
      user: SCANNER.accessKey,
      password: SCANNER.secretKey,
    } as TestServer);
    for (const args of [
      ["admin", "user", "add", "t", "eve", "a-secret-of-hers"],
      ["admin", "policy", "attach", "t", "readwrite", "--user", SCANNER.accessKey],
      ["admin", "cluster", "iam", "export", "t"],
      ["admin", "cluster", "bucket", "export", "t"],
    ]) {
      await expect(own.run(...args), args.join(" ")).rejects.toThrow(/Access ?Denied|Unable to export/i);
    }
    own.remove();
  });

  test("needs each action of docs/scanner-policy.json: without one, a part can't be looked at and nothing is found", async () => {
    const withoutMc = unread(await scanned(SCANNER, { mc: "/no/mc" })).length;
    for (const [index, statement] of POLICY.Statement.entries()) {
      for (const action of statement.Action) {
        const less = { ...statement, Action: statement.Action.filter((each: string) => each !== action) };
        await makePolicy(mc, "scanner", { ...POLICY, Statement: POLICY.Statement.with(index, less) });
        // mc takes most of the time, and answers for few of the actions
        const quick = await scanned(SCANNER, { mc: "/no/mc" });
        const report = unread(quick).length > withoutMc ? quick : await scanned(SCANNER);
        const wanted = report === quick ? withoutMc : 0;
        expect({ action, findings: names(report) }).toEqual({ action, findings: [] });
        expect(unread(report).length, action).toBeGreaterThan(wanted);
      }
    }
    await makePolicy(mc, "scanner", POLICY);
  });

  test("that may see a part of the buckets doesn't take them for all, nor the others for missing", async () => {
    const some = { Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::raw-data", "arn:aws:s3:::raw-data/*"] };
    await makePolicy(mc, "partial", { Version: "2012-10-17", Statement: [some, POLICY.Statement[1]] });
    await mc.run("admin", "user", "add", "t", "partial", SCANNER.secretKey);
    await mc.run("admin", "policy", "attach", "t", "partial", "--user", "partial");
    await mc.run("tag", "set", "t/raw-data", "layer=L9");
    const report = await scanned({ ...SCANNER, accessKey: "partial" });
    expect(unread(report)).toEqual(["bucket *", "bucket locked-data", "bucket open-data", "bucket vanishing-data"]);
    expect(names(report).filter((name) => !name.includes("partial"))).toEqual(["changed bucket raw-data tags.layer"]);
    await mc.run("admin", "user", "rm", "t", "partial");
    await mc.run("admin", "policy", "rm", "t", "partial");
    await mc.run("tag", "set", "t/raw-data", "layer=L0");
  });
});

describe("could not look is exit code 3 and one sentence:", () => {
  const sentence = async (env: Record<string, string>, words: RegExp) => {
    const { code, stdout, stderr } = await bucketworks(["scan", spec.path], { ...environment(server), ...env });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(words);
    expect(stderr.trimEnd()).not.toContain("\n");
    expect(stderr).not.toContain(server.password);
  };

  test("nothing listens", () =>
    sentence({ MINIO_ENDPOINT: "127.0.0.1:1" }, /^scan: can't reach MinIO at .*connection refused/));
  test("a wrong password", () =>
    sentence({ MINIO_ROOT_PASSWORD: "wrong-password" }, /refuses the credentials \(SignatureDoesNotMatch\)/));
});

describe("a server that answers in part", () => {
  const viaFront = () => ({ endpoint: front.endpoint });
  const path = (url: string | undefined) => (url ?? "").split("?")[0] ?? "";

  test.each<[string, (body: Buffer) => Buffer | undefined]>([
    ["breaks the export of all buckets off", (body) => body.subarray(0, body.length / 2)],
    ["answers a web page for the export", () => Buffer.from("<html>hello</html>")],
    ["refuses the export", () => undefined],
  ])("%s: each bucket is asked for itself, and nothing is found", async (_, changed) => {
    const zip = await fetchExport();
    let taken = 0;
    front.takeOver = ({ url }, response) => {
      if (!path(url).endsWith("/export-bucket-metadata")) return false;
      taken++;
      const body = changed(zip);
      response.writeHead(body === undefined ? 403 : 200).end(body);
      return true;
    };
    const report = await scanned(viaFront());
    expect({ found: names(report), unread: unread(report), taken }).toEqual({ found: [], unread: [], taken: 1 });
  });

  test.each<[string, RegExp, string[]]>([
    ["one setting of one bucket", /^\/raw-data\/?\?tagging/, ["bucket raw-data"]],
    ["the users", /admin\/v3\/list-users/, ["user *"]],
    ["one group", /admin\/v3\/group\?/, ["group staff", "user *"]],
    ["service accounts", /list-access-keys-bulk/, ["service account *"]],
    ["documents of service accounts", /info-service-account/, ["service account robot-job"]],
    ["policies", /list-canned-policies/, ["policy *"]],
    ["tiers", /admin\/v3\/tier/, ["tier *"]],
    ["replication targets", /list-remote-targets/, ["replication *"]],
  ])("refused %s: that can't be looked at, the rest is, nothing is found", async (_, asked, expected) => {
    front.takeOver = ({ url = "" }, response) => {
      if (!asked.test(url) && !/export-bucket-metadata/.test(url)) return false;
      response.writeHead(403, { "content-type": "application/json" });
      const xml = "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>";
      response.end(url.includes("/admin/") ? '{"Code":"AccessDenied","Message":"Access Denied."}' : xml);
      return true;
    };
    const report = await scanned(viaFront());
    expect({ found: names(report), unread: unread(report) }).toEqual({ found: [], unread: expected });
    expect(report.notLooked[0]?.reason).toMatch(/AccessDenied|doesn't tell what service account robot-job may do/);
  });

  test("goes away midway: the rest could not be looked at, and nothing is missing", async () => {
    let left = 12;
    front.takeOver = ({ url = "", socket }, response) => {
      if (/export-bucket-metadata/.test(url)) return response.writeHead(403).end() !== undefined;
      if (left-- > 0) return false;
      socket.destroy();
      return true;
    };
    const report = await scanned(viaFront(), { concurrency: 1 });
    expect(names(report)).toEqual([]);
    expect(unread(report)).toContain("bucket vanishing-data");
  });

  async function fetchExport(): Promise<Buffer> {
    const { Wire } = await import("../../verify/wire.ts");
    const wire = new Wire(addressOf(server));
    const { body } = await wire.adminFile("export-bucket-metadata");
    wire.close();
    return body;
  }
});

test("a bucket that vanishes while it is scanned is missing only by the server's word, one in no spec is no finding", async () => {
  await mc.run("mb", "t/zz-vanishing");
  let vanished = false;
  const onProgress = (): void => {
    if (vanished) return;
    vanished = true;
    const env = { ...process.env, MC_HOST_v: `http://${server.user}:${server.password}@${server.endpoint}` };
    for (const bucket of ["zz-vanishing", "vanishing-data"])
      execFileSync(tool("mc"), ["rb", `v/${bucket}`], { env, stdio: "ignore" });
  };
  const report = await scanned(SCANNER, { concurrency: 1, onProgress });
  expect({ found: names(report), unread: unread(report) }).toEqual({
    found: ["missing bucket vanishing-data"],
    unread: [],
  });
});

describe("many strangers", () => {
  const COUNT = 500;

  beforeAll(async () => {
    const s3 = rootClient(server);
    const numbers = Array.from({ length: COUNT }, (_, index) => String(index).padStart(3, "0"));
    for (let from = 0; from < COUNT; from += 20) {
      await Promise.all(numbers.slice(from, from + 20).map((each) => s3.createBucket({ Bucket: `strange-${each}` })));
    }
    s3.destroy();
    await makeUsers(
      mc,
      numbers.map((each) => `stranger-${each}`),
      CANARY,
    );
  });

  test("500 buckets and 500 users in no spec are all found, by root and by the scanning identity, and can be left out", async () => {
    for (const who of [{}, SCANNER]) {
      const start = performance.now();
      const found = names(await scanned(who));
      console.log(`500 buckets and 500 users scanned in ${Math.round(performance.now() - start)} ms`);
      expect(found.filter((name) => /^unmanaged bucket strange-\d{3}$/.test(name))).toHaveLength(COUNT);
      expect(found.filter((name) => /^unmanaged user stranger-\d{3}$/.test(name))).toHaveLength(COUNT);
      expect(found).toHaveLength(2 * COUNT + 1);
    }
    const more = ["bucket", "user"].map(
      (kind) => `  - {kind: ${kind}, name: "strang*", owner: o, reason: r, expires: 9999-12-31}\n`,
    );
    writeFileSync(ignores, IGNORES + more.join(""));
    const { code, stdout } = await run();
    writeFileSync(ignores, IGNORES);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(/^high {6}missing {4}bucket vanishing-data: .*\n.*findings 1, ignored 1002 /),
    });
  });

  test("no secret of root, users, accounts or replication is in any output", async () => {
    await mc.run("version", "enable", "t/strange-000");
    await mc.run("version", "enable", "t/strange-001");
    await mc.run("admin", "user", "add", "t", "replicator", `${CANARY}-r`);
    await mc.run("admin", "policy", "attach", "t", "readwrite", "--user", "replicator");
    const remote = `http://replicator:${CANARY}-r@${server.endpoint}/strange-001`;
    await mc.run("replicate", "add", "t/strange-000", "--remote-bucket", remote);
    for (const format of ["text", "json", "sarif", "markdown"]) {
      const { code, stdout, stderr } = await run("--format", format);
      expect({ format, code }).toEqual({ format, code: 1 });
      expect(stdout).toMatch(/replication/);
      expect(stdout + stderr).not.toContain(CANARY);
      expect(stdout + stderr).not.toContain(server.password);
    }
  });
});

test("an expired entry of the ignore file is a finding and exit code 1, a faulty file stops before the server is asked", async () => {
  writeFileSync(ignores, IGNORES.replaceAll("9999-12-31", "2020-01-01"));
  const expired = await run("--quiet");
  expect(expired.code).toBe(1);
  expect(expired.stdout).toMatch(
    /changed {4}ignore entry user scanner: .*ignore\.yaml:2:5: .* expired 2020-01-01; ask o/,
  );
  writeFileSync(ignores, IGNORES.replaceAll("owner", "ownr"));
  const faulty = await bucketworks(["scan", "--ignore", ignores, spec.path], {
    ...environment(server),
    MINIO_ENDPOINT: "127.0.0.1:1",
  });
  expect(faulty).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/did you mean owner\?.*\n.*nothing was looked at/s),
  });
  writeFileSync(ignores, IGNORES);
});

describe("wrong use is exit code 2:", () => {
  test.each([
    ["--ignore", "/no/such/file"],
    ["--concurrency", "0"],
    ["--concurrency", "many"],
    ["--format", "xml"],
  ])("%s %s", async (...args) => {
    const { code, stdout, stderr } = await bucketworks(["scan", ...args, spec.path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
