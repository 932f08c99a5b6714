import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Mc } from "../support/mc.ts";
import type { TestServer } from "../support/minio.ts";
import { makePolicy, withFile } from "../support/scanned.ts";
import {
  IGNORES,
  NOTHING_IGNORED,
  names,
  SCANNER,
  SCANNER_POLICY,
  ScannedServer,
  unread,
} from "../support/scanned-server.ts";
import { rootClient } from "../support/state.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { bucketworks, environment } from "../support/verified.ts";

/** How often a server that is as it should be is scanned; `SCANS=100 make test` for more. */
const SCANS = Number(process.env.SCANS ?? 20);

let scanned: ScannedServer;

beforeAll(async () => {
  scanned = await ScannedServer.start();
});

afterAll(() => scanned.stop());

describe("a server as the specs say", () => {
  test("has no finding, exit code 0, and nothing is written beside it, no credential of it either", async () => {
    const TMPDIR = temporaryFolder();
    const { code, stdout, stderr } = await scanned.run([], { TMPDIR });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.match(/^expiry is asynchronous: .*$/gm)).toHaveLength(1);
    expect(stdout).toMatch(/^buckets 4, users 3, groups 1, policies 8, .*: as the specs say \(stage dev, /m);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  test("a secret with a colon and with letters beyond ASCII is scanned with, too", async () => {
    const secretKey = `${SCANNER.secretKey}:with@colon-ü`;
    await scanned.mc.run("admin", "user", "add", "t", SCANNER.accessKey, secretKey);
    const report = await scanned.scan({ ...SCANNER, secretKey });
    expect({ findings: names(report), unread: unread(report) }).toEqual({ findings: [], unread: [] });
    await scanned.mc.run("admin", "user", "add", "t", SCANNER.accessKey, SCANNER.secretKey);
  });

  test("with names that a signature encodes and a terminal obeys, they are found by those names", async () => {
    const group = "team (old)!'* +%&ü";
    const user = "\u001b[31mred\u001b[0m \u202e";
    await scanned.mc.run("admin", "user", "add", "t", user, `${SCANNER.secretKey}-red`);
    await scanned.mc.run("admin", "group", "add", "t", group, user);
    const report = await scanned.scan();
    expect({ findings: names(report), unread: unread(report) }).toEqual({
      findings: [`unmanaged user ${user}`, `unmanaged group ${group}`],
      unread: [],
    });
    for (const format of ["text", "markdown", "json", "sarif"]) {
      const { stdout } = await scanned.run(["--format", format]);
      expect(stdout).not.toMatch(/[^\P{C}\n]/u);
      expect(stdout).toContain("team (old)!'* +%&ü");
    }
    await scanned.mc.run("admin", "group", "rm", "t", group, user);
    await scanned.mc.run("admin", "group", "rm", "t", group);
    await scanned.mc.run("admin", "user", "rm", "t", user);
  });

  test(`has none in ${SCANS} scans`, async () => {
    let left = SCANS;
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const report = await scanned.scan();
        expect({ findings: names(report), unread: unread(report) }).toEqual({ findings: [], unread: [] });
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  }, 600_000);

  test("has none for the least-privilege identity either, which asks bucket by bucket", async () => {
    const report = await scanned.scan(SCANNER);
    expect({ findings: names(report), unread: unread(report) }).toEqual({ findings: [], unread: [] });
  });
});

/** A policy that MinIO takes and can't write out again. */
async function addUnrenderable(name: string, resource = "arn:aws:s3:::raw-data/*"): Promise<void> {
  const statement = { Effect: "Allow", NotAction: ["s3:DeleteBucket"], Resource: [resource] };
  await makePolicy(scanned.mc, name, { Version: "2012-10-17", Statement: [statement] });
}

describe("what anybody's key can make can't be read hides itself alone:", () => {
  const ESC = "job\u001b[2J\u0007\u009b\u202ex";

  test("a service account, a user and a group with control characters in their names and descriptions", async () => {
    const { mc } = scanned;
    await makeAccount("robot", "ESCAPES", "--description", ESC, "--name", "a\nb");
    await mc.run("admin", "user", "add", "t", `u${ESC}`, `${SCANNER.secretKey}-u`);
    await mc.run("admin", "group", "add", "t", `g${ESC}`, `u${ESC}`);
    const report = await scanned.scan();
    expect({ findings: names(report).sort(), unread: unread(report) }).toEqual({
      findings: [`unmanaged group g${ESC}`, "unmanaged service account ESCAPES", `unmanaged user u${ESC}`],
      unread: [],
    });
    const { code, stdout, stderr } = await scanned.run();
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).not.toMatch(/[^\P{C}\n]/u);
    await mc.run("admin", "group", "rm", "t", `g${ESC}`, `u${ESC}`);
    await mc.run("admin", "group", "rm", "t", `g${ESC}`);
    await mc.run("admin", "user", "rm", "t", `u${ESC}`);
    await mc.run("admin", "accesskey", "rm", "t", "ESCAPES");
  });

  test("a policy that MinIO can't write out: the others are compared, changes to them are found", async () => {
    const { mc } = scanned;
    const platform = scanned.spec.model().platforms[0];
    const writer = platform?.access.policies.find(({ key }) => key === "writer")?.name ?? "";
    const before = JSON.parse(await mc.run("--json", "admin", "policy", "info", "t", writer)).policyInfo.Policy;
    const wider = { Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] };
    await makePolicy(mc, writer, { ...before, Statement: [...before.Statement, wider] });
    await addUnrenderable("broken");
    await mc.run("admin", "policy", "attach", "t", "broken", "--user", "ada");
    // nobody of this server holds it: its name is known nevertheless
    const writeOnly = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: ["s3:PutObject"], Resource: ["arn:aws:s3:::*"] }],
    };
    await makePolicy(mc, "writeonly", { ...writeOnly, Statement: [...writeOnly.Statement, wider] });
    const report = await scanned.scan();
    expect(unread(report)).toEqual(["policy *", "policy broken"]);
    expect(names(report)).toEqual([
      `changed policy ${writer} document`,
      "changed policy writeonly document",
      "unmanaged attachment user ada/broken",
    ]);
    const { code, stdout } = await scanned.run();
    expect(code).toBe(3);
    expect(stdout).toMatch(/^could not look at policy broken: MinIO can't write its document out/m);
    await makePolicy(mc, writer, before);
    await makePolicy(mc, "writeonly", writeOnly);
    await mc.run("admin", "policy", "detach", "t", "broken", "--user", "ada");
    await mc.run("admin", "policy", "rm", "t", "broken");
  });

  test("a service account that may do what a policy says that MinIO can't write out: its user's others are judged", async () => {
    const { mc } = scanned;
    await addUnrenderable("broken");
    await mc.run("admin", "policy", "attach", "t", "broken", "--user", "robot");
    await makeAccount("robot", "IMPLIED");
    await makeAccount("robot", "EXPIRES", "--policy", readerFile(), "--expiry-duration", "24h");
    const report = await scanned.scan();
    expect({ findings: names(report), unread: unread(report) }).toEqual({
      findings: ["unmanaged attachment user robot/broken", "unmanaged service account EXPIRES"],
      unread: ["policy *", "policy broken", "service account IMPLIED"],
    });
    for (const key of ["IMPLIED", "EXPIRES"]) await mc.run("admin", "accesskey", "rm", "t", key);
    await mc.run("admin", "policy", "detach", "t", "broken", "--user", "robot");
    await mc.run("admin", "policy", "rm", "t", "broken");
  });
});

/** Makes a service account of a user by hand. */
async function makeAccount(user: string, accessKey: string, ...options: readonly string[]): Promise<void> {
  const keys = ["--access-key", accessKey, "--secret-key", `${SCANNER.secretKey}-a`];
  await scanned.mc.run("admin", "accesskey", "create", "t", user, ...keys, ...options);
}

function readerFile(): string {
  const file = join(temporaryFolder(), "document.json");
  const statement = { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::raw-data/*"] };
  writeFileSync(file, JSON.stringify({ Version: "2012-10-17", Statement: [statement] }));
  return file;
}

describe("the scanning identity", () => {
  test("can't write, delete or read an object, or change an identity, or have the keys of replication", async () => {
    const credentials = { accessKeyId: SCANNER.accessKey, secretAccessKey: SCANNER.secretKey };
    const s3 = new S3({ endpoint: scanned.server.url, region: "us-east-1", forcePathStyle: true, credentials });
    const Bucket = "raw-data";
    await rootClient(scanned.server).putObject({ Bucket, Key: "a", Body: "x" });
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
      ...scanned.server,
      endpoint: scanned.server.endpoint,
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

  test("needs each action of docs/scanner-policy.json: without one, a part can't be looked at, the right is named, and nothing is found", async () => {
    // of policies the server has no list then: each is asked for by name
    await addUnrenderable("unlisted");
    const withAll = unread(await scanned.scan(SCANNER));
    expect(withAll).toEqual(["policy *"]);
    for (const [index, statement] of SCANNER_POLICY.Statement.entries()) {
      for (const action of statement.Action) {
        const less = { ...statement, Action: statement.Action.filter((each: string) => each !== action) };
        await makePolicy(scanned.mc, "scanner", {
          ...SCANNER_POLICY,
          Statement: SCANNER_POLICY.Statement.with(index, less),
        });
        const report = await scanned.scan(SCANNER);
        expect({ action, findings: names(report) }).toEqual({ action, findings: [] });
        if (action !== "admin:ListUserPolicies") expect(unread(report).length, action).toBeGreaterThan(withAll.length);
        const reasons = report.notLooked.map(({ reason }) => reason);
        expect(reasons).toContainEqual(
          expect.stringMatching(new RegExp(`\\b${action}; use .* docs/scanner-policy\\.json$`)),
        );
      }
    }
    await makePolicy(scanned.mc, "scanner", SCANNER_POLICY);
    await scanned.mc.run("admin", "policy", "rm", "t", "unlisted");
  });

  test("that may see a part of the buckets doesn't take them for all, nor the others for missing", async () => {
    const some = { Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::raw-data", "arn:aws:s3:::raw-data/*"] };
    await makePolicy(scanned.mc, "partial", { Version: "2012-10-17", Statement: [some, SCANNER_POLICY.Statement[1]] });
    await scanned.mc.run("admin", "user", "add", "t", "partial", SCANNER.secretKey);
    await scanned.mc.run("admin", "policy", "attach", "t", "partial", "--user", "partial");
    await scanned.mc.run("tag", "set", "t/raw-data", "layer=L9");
    const report = await scanned.scan({ ...SCANNER, accessKey: "partial" });
    expect(unread(report)).toEqual(["bucket *", "bucket locked-data", "bucket open-data", "bucket vanishing-data"]);
    expect(names(report).filter((name) => !name.includes("partial"))).toEqual(["changed bucket raw-data tags.layer"]);
    await scanned.mc.run("admin", "user", "rm", "t", "partial");
    await scanned.mc.run("admin", "policy", "rm", "t", "partial");
    await scanned.mc.run("tag", "set", "t/raw-data", "layer=L0");
  });
});

test.each([
  ["*", 200],
  ["**", 200],
  ["?*", 200],
  ["?abc", 200],
  ["somebody", 403],
  ["*a", 403],
])("principal %s: who asks without a key gets %i, and scan says as much", async (principal, status) => {
  const Bucket = "vanishing-data";
  await rootClient(scanned.server).putObject({ Bucket, Key: "a", Body: "x" });
  const statement = {
    ...{ Effect: "Allow", Principal: { AWS: [principal] } },
    ...{ Action: ["s3:GetObject"], Resource: [`arn:aws:s3:::${Bucket}/*`] },
  };
  const policy = { Version: "2012-10-17", Statement: [statement] };
  await withFile(policy, (file) => scanned.mc.run("anonymous", "set-json", file, `t/${Bucket}`));
  expect((await fetch(`${scanned.server.url}/${Bucket}/a`)).status).toBe(status);
  const { findings } = await scanned.scan();
  const found = findings.map(({ severity, subject }) => `${severity} ${subject.kind} ${subject.name}`);
  expect(found).toEqual([status === 200 ? `critical public grant ${Bucket}` : `high bucket ${Bucket}`]);
  await rootClient(scanned.server).deleteBucketPolicy({ Bucket });
  await rootClient(scanned.server).deleteObject({ Bucket, Key: "a" });
});

test("an expired entry of the ignore file is a finding and exit code 1, a faulty file stops before the server is asked", async () => {
  scanned.ignore(IGNORES.replaceAll(/expires: "[^"]*"/g, "expires: 2020-01-01"));
  const expired = await scanned.run(["--quiet"]);
  expect(expired.code).toBe(1);
  expect(expired.stdout).toMatch(
    /changed {4}ignore entry user scanner: .*ignore\.yaml:2:5: .* expired 2020-01-01; ask o/,
  );
  scanned.ignore(IGNORES.replaceAll("owner", "ownr"));
  const faulty = await bucketworks(["scan", "--ignore", scanned.ignores, scanned.spec.path], {
    ...environment(scanned.server),
    MINIO_ENDPOINT: "127.0.0.1:1",
  });
  expect(faulty).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/did you mean owner\?.*\n.*nothing was looked at/s),
  });
  scanned.ignore(NOTHING_IGNORED);
});
