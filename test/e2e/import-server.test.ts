import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { Mc } from "../support/mc.ts";
import { anyone, fillMessyServer, ODD, SAID, SECRET } from "../support/messy-server.ts";
import { TestServer } from "../support/minio.ts";
import { makePolicy, withFile } from "../support/scanned.ts";
import { bucketsIn, dumpOf, stateOf } from "../support/state.ts";

let checkout: TestCheckout;
let server: TestServer;
let tiers: TestServer;
let mc: Mc;

beforeAll(async () => {
  server = await TestServer.start();
  tiers = await TestServer.start();
  mc = new Mc(server);
  await fillMessyServer(server, tiers, mc);
  checkout = await TestCheckout.make({}, server);
}, 300_000);

afterAll(async () => {
  mc?.remove();
  await checkout?.remove();
  await tiers?.stop();
});

/** What is there for this program itself. */
const OURS = ["policy bucketworks-deployer", "policy bucketworks-scanner", "user deployer", "user scanner"];

/** What each unmanaged entry says, by kind and name. */
async function entriesSay(): Promise<Readonly<Record<string, readonly string[]>>> {
  const model = JSON.parse(await checkout.must("bin/bucketworks", "explain", "--stage", "dev", "--format", "json"));
  const { unmanaged } = model.platforms[0];
  return Object.fromEntries(unmanaged.map(({ id, says }: { id: string; says: string[] }) => [id, says]));
}

const bucketworks = (...args: string[]) => checkout.run("bin/bucketworks", ...args);

async function logsIn(accessKeyId: string): Promise<boolean> {
  const credentials = { accessKeyId, secretAccessKey: SECRET };
  const s3 = new S3({ endpoint: server.url, region: "us-east-1", forcePathStyle: true, credentials });
  const answer = await s3.listObjectsV2({ Bucket: "wh-plain" }).then(
    () => true,
    () => false,
  );
  s3.destroy();
  return answer;
}

/** Brings into the state what it lacks, and expects a preview to have nothing to do. */
async function importMissing(): Promise<string> {
  const out = ".bucketworks/import";
  rmSync(join(checkout.root, out), { recursive: true, force: true });
  const { code, stdout, stderr } = await bucketworks("import-server", "--missing-from-stack", "dev", "--out", out);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const file = join(checkout.root, out, "import.json");
  if (!existsSync(file)) return stdout;
  const text = readFileSync(file, "utf8");
  for (const secret of [SECRET, server.password]) expect(text).not.toContain(secret);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await checkout.must(
    "pulumi",
    "import",
    "--yes",
    "--skip-preview",
    "--protect=false",
    "--generate-code=false",
    "--file",
    file,
  );
  await checkout.must("pulumi", "preview", "--expect-no-changes");
  return stdout;
}

describe("a server that was set up with mc alone", () => {
  test("becomes a platform file that passes check, with all else unmanaged, and no secret", async () => {
    const { code, stdout } = await bucketworks("import-server", "--out", "config/platforms", "warehouse");
    const text = readFileSync(join(checkout.root, "config/platforms/warehouse.yaml"), "utf8");
    expect(code).toBe(1);
    expect(stdout).not.toContain(SECRET);
    expect(text).not.toContain(SECRET);
    await checkout.must("bin/bucketworks", "check");
    const model = JSON.parse(await checkout.must("bin/bucketworks", "explain", "--stage", "dev", "--format", "json"));
    const [{ buckets, access, unmanaged }] = model.platforms;
    expect(buckets.map(({ name }: { name: string }) => name)).toEqual([...SAID].sort());
    expect(access.policies).toHaveLength(3);
    expect(access.users.map(({ name }: { name: string }) => name)).toEqual(["ada", "bob", "robot"]);
    expect(access.serviceAccounts).toMatchObject([{ name: "robot-job", user: "robot" }]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.pop()).toMatch(
      /warehouse\.yaml: 16 buckets, 3 users, 1 group, 3 policies, 1 service account; 19 unmanaged, 4 left out$/,
    );
    const subject = (line: string) => `${line.replace(/".*/, "").trim()} ${/"([^"]*)"/.exec(line)?.[1]}`;
    expect(unmanaged.map(({ id }: { id: string }) => id)).toEqual([
      "attachment group crew/no-delete",
      "attachment user ada/home-dirs",
      "attachment user bob/readonly",
      "bucket wh-date",
      "bucket wh-disabled-rule",
      "bucket wh-download",
      "bucket wh-drop-box",
      "bucket wh-network",
      "bucket wh-vault",
      "bucket wh-years",
      "bucket wh.dotted",
      "policy home-dirs",
      "policy no-delete",
      "public grant wh-download",
      "public grant wh-drop-box",
      "public grant wh-network",
      "service account robot-all",
      "service account root-own",
      "user sleeper",
    ]);
    expect(lines.map(subject).sort()).toEqual([...unmanaged.map(({ id }: { id: string }) => id), ...OURS].sort());
    for (const { reason } of unmanaged) expect(text).toContain(reason);
    expect(text).toMatch(
      /# - bucket "wh-years": its object lock counts years.*\n# +- name: wh-years\n# +versioning: true\n/,
    );
  });

  test("has nothing turned into its opposite: who may and may not stands there as on the server", async () => {
    const says = await entriesSay();
    expect(says["bucket wh-vault"]).toContain("policy: anyone may not s3:GetObject on arn:aws:s3:::wh-vault/secret/*");
    expect(says["public grant wh-drop-box"]).toEqual(["anyone may s3:PutObject on arn:aws:s3:::wh-drop-box/inbox/*"]);
    expect(says["public grant wh-network"]?.[0]).toMatch(/img\/\* when .*10\.0\.0\.0\/8/);
    expect(says["policy no-delete"]).toContain("may not s3:DeleteObject on arn:aws:s3:::wh-plain/*");
    const text = readFileSync(join(checkout.root, "config/platforms/warehouse.yaml"), "utf8");
    expect(text.match(/public_read:\n(?:.*\n){1,2}/g)).toEqual([expect.stringContaining("- public/")]);
  });

  test("has nobody who deploys or scans in it, nor a policy of theirs: each is named with the reason", async () => {
    const text = readFileSync(join(checkout.root, "config/platforms/warehouse.yaml"), "utf8");
    const [before, after = ""] = text.split("# NOT IN THIS FILE");
    expect(before).not.toMatch(/deployer|scanner/);
    for (const subject of OURS) expect(after).toContain(`# - ${subject.replace(/ (\S+)$/, ' "$1"')}: `);
  });

  test("comes into the state with an import after which a preview is empty, and nothing on it changes", async () => {
    const before = await dumpOf(server);
    await importMissing();
    await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
    await checkout.must("pulumi", "up", "--yes", "--skip-preview");
    expect(await dumpOf(server)).toEqual(before);
    expect(bucketsIn(await stateOf(checkout))).toEqual([...SAID].sort());
    expect(await Promise.all(["ada", "robot", "robot-job"].map(logsIn))).toEqual([true, true, true]);
    expect(await importMissing()).toMatch(/stack dev lacks nothing that its server has/);
  });

  test("is scanned without a finding, and what is unmanaged is counted", async () => {
    const { code, stdout } = await bucketworks("scan");
    expect(stdout).toMatch(/: as the specs say, unmanaged 19 \(public grants 3\) \(stage dev, /);
    expect(stdout.replace(/^expiry is asynchronous: .*\n/, "").trimEnd()).not.toContain("\n");
    expect(code).toBe(0);
  });

  test("is found to have changed where it is unmanaged: more rights, another way in, what is gone", async () => {
    await makePolicy(mc, "no-delete", { Version: "2012-10-17", Statement: ODD["no-delete"]?.slice(0, 1) as never });
    await withFile(anyone("s3:PutObject", "wh-drop-box/*"), (file) =>
      mc.run("anonymous", "set-json", file, "t/wh-drop-box"),
    );
    await mc.run("admin", "user", "enable", "t", "sleeper");
    await mc.run("admin", "accesskey", "rm", "t", "root-own");
    const { code, stdout } = await bucketworks("scan", "--format", "json");
    const { findings } = JSON.parse(stdout);
    expect(code).toBe(1);
    const found = findings.map((each: Record<string, unknown> & { subject: Record<string, string> }) => [
      `${each.severity} ${each.kind} ${each.subject.kind} ${each.subject.name}`,
      each.message,
    ]);
    expect(found).toEqual([
      [
        "critical changed public grant wh-drop-box",
        expect.stringMatching(
          /now: anyone may s3:PutObject on arn:aws:s3:::wh-drop-box\/\*; no longer: anyone may .*inbox/,
        ),
      ],
      ["high changed user sleeper", expect.stringMatching(/now: enabled; no longer: disabled$/)],
      [
        "high changed policy no-delete",
        expect.stringMatching(/; no longer: may not s3:DeleteObject on .*wh-plain\/\*$/),
      ],
      [
        "medium changed bucket wh-drop-box",
        expect.stringMatching(/^not as it was listed as unmanaged: digest sha256:/),
      ],
      ["medium missing service account root-own", expect.stringMatching(/^gone; it was listed as unmanaged \(/)],
    ]);
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(findings[2]).toMatchObject({ expected: { digest }, actual: { digest } });
    expect(findings[2].expected.digest).not.toBe(findings[2].actual.digest);
  });

  test("hands out no key that it doesn't have, and says why", async () => {
    const shown = await bucketworks("key", "show", "ada", "--stdout");
    expect(shown).toMatchObject({ code: 3, stdout: "", stderr: expect.stringMatching(/ada was imported.*secret/) });
    const { code, stdout } = await bucketworks("verify");
    expect(code).toBe(3);
    expect(stdout).toMatch(/could not try ada: it was imported/);
    // What no spec can say stays a finding: an account that may all that its user may.
    expect(stdout).toMatch(/^robot-all: acts for robot and isn't the stack's/m);
    expect(stdout).toMatch(/ 1 finding, 4 could not be looked at /);
  });
});

test("a state that lost resources which are still there gets them back, and a preview is empty", async () => {
  const state = await stateOf(checkout);
  const lost = [
    "wh-rules",
    "wh-plain",
    "warehouse/crew",
    "warehouse/robot",
    "warehouse/robot-job",
    "warehouse/ada/crew",
  ];
  const urns = state.filter(({ urn }) => lost.includes(urn.slice(urn.lastIndexOf("::") + 2))).map(({ urn }) => urn);
  expect(urns).toHaveLength(lost.length);
  for (const urn of urns)
    await checkout.run("pulumi", "state", "delete", urn, "--target-dependents", "--force", "--yes");
  const left = (await stateOf(checkout)).length;
  expect(left).toBeLessThanOrEqual(state.length - lost.length);
  await importMissing();
  expect((await stateOf(checkout)).map(({ urn }) => urn)).toEqual(state.map(({ urn }) => urn));
});

test("platforms that the stack leaves out are named, each with how to take it in: nothing of them is in an import", async () => {
  const platforms = join(checkout.root, "config", "platforms");
  writeFileSync(join(platforms, "annex.yaml"), "bucket_groups: {all: {buckets: [{name: wh-date}]}}\n");
  writeFileSync(join(platforms, "store.yml"), "bucket_groups: {all: {buckets: [{name: wh-not-there}]}}\n");
  await checkout.must("pulumi", "config", "set", "--path", "bucketworks:platforms[0]", "warehouse");
  const { code, stdout, stderr } = await bucketworks("import-server", "--missing-from-stack", "dev", "--out", "x");
  await checkout.must("pulumi", "config", "rm", "bucketworks:platforms");
  for (const name of ["annex.yaml", "store.yml"]) rmSync(join(platforms, name));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const line = (name: string) =>
    `platform ${name} is not in bucketworks:platforms of stack dev, so nothing of it is in the import; to add it: pulumi config set --stack dev --path 'bucketworks:platforms[1]' ${name}\n`;
  expect(stdout).toBe(`${line("annex")}${line("store")}stack dev lacks nothing that its server has\n`);
  expect(existsSync(join(checkout.root, "x"))).toBe(false);
});

describe("wrong use and a server that can't be read write nothing:", () => {
  test.each<[string, string[], number, RegExp]>([
    ["neither a name nor a stack", ["--out", "x"], 2, /give a NAME .* or --missing-from-stack/],
    ["both", ["--out", "x", "--missing-from-stack", "dev", "name"], 2, /give a NAME/],
    ["a name that is none", ["--out", "x", "../name"], 2, /must hold letters/],
    ["a file that is there", ["--out", "config/platforms", "warehouse"], 2, /warehouse\.yaml exists/],
    ["no folder", ["name"], 2, /--out/],
  ])("%s", async (_, args, code, words) => {
    expect(await bucketworks("import-server", ...args)).toMatchObject({
      code,
      stdout: "",
      stderr: expect.stringMatching(words),
    });
    expect(existsSync(join(checkout.root, "x"))).toBe(false);
  });

  test("credentials that may not see all", async () => {
    await mc.run("admin", "policy", "attach", "t", "readwrite", "--user", "ada");
    checkout.writeCredentials("ada", SECRET);
    const ran = await bucketworks("import-server", "--out", "x", "name");
    checkout.writeCredentials(server.user, server.password);
    await mc.run("admin", "policy", "detach", "t", "readwrite", "--user", "ada");
    expect(ran).toMatchObject({
      code: 3,
      stdout: "",
      stderr: expect.stringMatching(/AccessDenied.*nothing was written/s),
    });
    expect(existsSync(join(checkout.root, "x"))).toBe(false);
  });
});
