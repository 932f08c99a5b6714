import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Grant } from "../../config/model.ts";
import { TestCheckout } from "../support/checkout.ts";
import { ROOT } from "../support/cli.ts";
import { Mc } from "../support/mc.ts";
import { KMS_KEY, TestServer } from "../support/minio.ts";
import { makePolicy, withFile } from "../support/scanned.ts";
import { bucketsIn, dumpOf, stateOf } from "../support/state.ts";
import { tool } from "../support/toolchain.ts";

const SECRET = "canary-5c0e-secret";
const OLD_VERSIONS = {
  ID: "noncurrent",
  Status: "Enabled",
  Filter: {},
  Expiration: { ExpiredObjectDeleteMarker: true },
};
const NONCURRENT = { ...OLD_VERSIONS, NoncurrentVersionExpiration: { NoncurrentDays: 20 } };
const RETENTION = { ID: "retention", Status: "Enabled", Filter: {}, Expiration: { Days: 90 } };
const prefixed = (ID: string, Prefix: string, action: object) => ({
  ID,
  Status: "Enabled",
  Filter: { Prefix },
  ...action,
});

/** What somebody did to each bucket with mc; `$` is the bucket. */
const BUCKETS: Readonly<Record<string, { readonly rules?: readonly object[]; readonly commands?: readonly string[] }>> =
  {
    "wh-plain": {},
    "wh-tagged": { commands: ["tag set $ owner=data&cost=a1"] },
    "wh-versioned": { commands: ["version enable $"], rules: [NONCURRENT] },
    "wh-kept": { rules: [RETENTION] },
    "wh-both": { commands: ["version enable $"], rules: [RETENTION, NONCURRENT] },
    "wh-rules": {
      commands: ["version enable $"],
      rules: [
        NONCURRENT,
        prefixed("cache", "cache/", { Expiration: { Days: 7 } }),
        prefixed("models", "models/", {
          NoncurrentVersionExpiration: { NoncurrentDays: 5, NewerNoncurrentVersions: 3 },
        }),
        {
          ID: "temporary",
          Status: "Enabled",
          Filter: { Tag: { Key: "temporary", Value: "1" } },
          Expiration: { Days: 1 },
        },
      ],
    },
    "wh-by-hand": { commands: ["ilm rule add --expire-days 30 $"] },
    "wh-encrypted": { commands: ["encrypt set sse-s3 $"] },
    "wh-kms": { commands: [`encrypt set sse-kms ${KMS_KEY} $`] },
    "wh-quota": { commands: ["quota set $ --size 3GiB"] },
    "wh-locked": { commands: ["retention set --default governance 5d $"], rules: [NONCURRENT] },
    "wh-compliant": { commands: ["retention set --default compliance 2d $"], rules: [NONCURRENT] },
    "wh-open": {},
    "wh-cold": { rules: [prefixed("archive", "old/", { Transition: { Days: 30, StorageClass: "COLD" } })] },
    "wh-for-ever": { commands: ["version enable $"] },
    "wh-own-names": {
      commands: ["version enable $"],
      rules: [
        { ID: "year", Status: "Enabled", Filter: {}, Expiration: { Days: 365 } },
        { ...prefixed("off", "tmp/", { Expiration: { Days: 3 } }), Status: "Disabled" },
        {
          ID: "old",
          Status: "Enabled",
          Filter: {},
          NoncurrentVersionExpiration: { NoncurrentDays: 60, NewerNoncurrentVersions: 3 },
        },
      ],
    },
    // what no spec can say
    "wh-download": { commands: ["anonymous set download $"] },
    "wh-years": { commands: ["retention set --default governance 1y $"], rules: [NONCURRENT] },
    "wh-disabled-rule": { rules: [{ ...RETENTION, Status: "Disabled" }] },
    "wh.dotted": {},
    "wh-date": { rules: [prefixed("date", "a/", { Expiration: { Date: "2037-01-01T00:00:00Z" } })] },
    "wh-vault": {},
    "wh-drop-box": {},
    "wh-network": {},
  };
const LOCKED = new Set(["wh-locked", "wh-compliant", "wh-years"]);
const SAID = Object.keys(BUCKETS).slice(0, 16);

const anyone = (Action: string, Resource: string, more: object = {}) => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: ["*"] }, Action: [Action], Resource: [`arn:aws:s3:::${Resource}`], ...more },
  ],
});
/** What anyone may or may not, of which a spec would make the opposite or more. */
const OPEN: Readonly<Record<string, object>> = {
  "wh-vault": anyone("s3:GetObject", "wh-vault/secret/*", { Effect: "Deny" }),
  "wh-drop-box": anyone("s3:PutObject", "wh-drop-box/inbox/*"),
  "wh-network": anyone("s3:GetObject", "wh-network/img/*", {
    Condition: { IpAddress: { "aws:SourceIp": ["10.0.0.0/8"] } },
  }),
};
/** Policies that no grants add up to. */
const ODD: Readonly<Record<string, object[]>> = {
  "home-dirs": [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable of the server
    { Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::wh-plain/${aws:username}/*"] },
  ],
  "no-delete": [
    { Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::wh-plain/*"] },
    { Effect: "Deny", Action: ["s3:DeleteObject"], Resource: ["arn:aws:s3:::wh-plain/*"] },
  ],
};

const read: Grant = { role: "read", bucket: "wh-plain", prefixes: [] };
const write: Grant = { role: "write", bucket: "wh-tagged", prefixes: ["in/", "out/"] };
const list: Grant = { role: "list", bucket: "wh-kept", prefixes: ["a/"] };
const POLICIES: Readonly<Record<string, readonly Grant[]>> = {
  Readers: [read, list],
  writers: [write],
  everything: [
    { role: "read_write", bucket: "wh-plain", prefixes: [] },
    { role: "delete", bucket: "wh-kms", prefixes: [] },
  ],
};

let checkout: TestCheckout;
let server: TestServer;
let tiers: TestServer;
let mc: Mc;

beforeAll(async () => {
  server = await TestServer.start();
  tiers = await TestServer.start();
  mc = new Mc(server);
  const remote = ["--endpoint", tiers.url, "--access-key", tiers.user, "--secret-key", tiers.password];
  await new S3({
    endpoint: tiers.url,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: tiers.user, secretAccessKey: tiers.password },
  }).createBucket({ Bucket: "cold" });
  await mc.run("ilm", "tier", "add", "minio", "t", "COLD", ...remote, "--bucket", "cold");
  for (const [name, { commands = [], rules }] of Object.entries(BUCKETS)) {
    await mc.run("mb", ...(LOCKED.has(name) ? ["--with-lock"] : []), `t/${name}`);
    for (const command of commands) await mc.run(...command.split(" ").map((word) => word.replace("$", `t/${name}`)));
    if (rules) importRules(name, rules);
  }
  const open = {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "PublicRead",
        Effect: "Allow",
        Principal: { AWS: ["*"] },
        Action: ["s3:GetObject"],
        Resource: ["arn:aws:s3:::wh-open/public/*"],
      },
    ],
  };
  await withFile(open, (file) => mc.run("anonymous", "set-json", file, "t/wh-open"));
  for (const [name, policy] of Object.entries(OPEN))
    await withFile(policy, (file) => mc.run("anonymous", "set-json", file, `t/${name}`));
  for (const [name, Statement] of Object.entries(ODD))
    await makePolicy(mc, name, { Version: "2012-10-17", Statement: Statement as Record<string, unknown>[] });
  for (const name of ["deployer", "scanner"]) {
    const policy = `bucketworks-${name}`;
    await mc.run("admin", "policy", "create", "t", policy, join(ROOT, "docs", `${name}-policy.json`));
    await mc.run("admin", "user", "add", "t", name, SECRET);
    await mc.run("admin", "policy", "attach", "t", policy, "--user", name);
  }
  for (const [name, grants] of Object.entries(POLICIES)) await makePolicy(mc, name, accessPolicy(grants));
  for (const user of ["ada", "bob", "robot", "sleeper"]) await mc.run("admin", "user", "add", "t", user, SECRET);
  await mc.run("admin", "user", "disable", "t", "sleeper");
  await mc.run("admin", "group", "add", "t", "crew", "ada", "bob");
  await mc.run("admin", "policy", "attach", "t", "Readers", "--group", "crew");
  await mc.run("admin", "policy", "attach", "t", "Readers", "writers", "--user", "robot");
  await mc.run("admin", "policy", "attach", "t", "readonly", "--user", "bob");
  await mc.run("admin", "policy", "attach", "t", "home-dirs", "--user", "ada");
  await mc.run("admin", "policy", "attach", "t", "no-delete", "--group", "crew");
  await mc.run("admin", "accesskey", "create", "t", "--access-key", "root-own", "--secret-key", SECRET);
  const keyed = (key: string) => ["robot", "--access-key", key, "--secret-key", SECRET];
  await withFile(accessPolicy([...(POLICIES.Readers ?? []), write]), (file) =>
    mc.run("admin", "accesskey", "create", "t", ...keyed("robot-job"), "--policy", file),
  );
  await mc.run("admin", "accesskey", "create", "t", ...keyed("robot-all"));
  checkout = await TestCheckout.make({}, server);
}, 300_000);

afterAll(async () => {
  mc?.remove();
  await checkout?.remove();
  await tiers?.stop();
});

function importRules(bucket: string, Rules: readonly object[]): void {
  const env = { ...process.env, MC_HOST_t: `http://${server.user}:${server.password}@${server.endpoint}` };
  const done = spawnSync(tool("mc"), ["ilm", "rule", "import", `t/${bucket}`], {
    env,
    input: JSON.stringify({ Rules }),
  });
  if (done.status !== 0) throw new Error(`${bucket}: ${done.stderr}`);
}

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
