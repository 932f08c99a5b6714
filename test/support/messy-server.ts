import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { S3 } from "@aws-sdk/client-s3";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Grant } from "../../config/model.ts";
import { ROOT } from "./cli.ts";
import type { Mc } from "./mc.ts";
import { KMS_KEY, type TestServer } from "./minio.ts";
import { makePolicy, withFile } from "./scanned.ts";
import { tool } from "./toolchain.ts";

export const SECRET = "canary-5c0e-secret";
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
export const SAID = Object.keys(BUCKETS).slice(0, 16);

export const anyone = (Action: string, Resource: string, more: object = {}) => ({
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
export const ODD: Readonly<Record<string, object[]>> = {
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

/** Sets a server up as somebody does with mc alone; `tiers` holds what a rule moves there. */
export async function fillMessyServer(server: TestServer, tiers: TestServer, mc: Mc): Promise<void> {
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
    if (rules) importRules(server, name, rules);
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
}

function importRules(server: TestServer, bucket: string, Rules: readonly object[]): void {
  const env = { ...process.env, MC_HOST_t: `http://${server.user}:${server.password}@${server.endpoint}` };
  const done = spawnSync(tool("mc"), ["ilm", "rule", "import", `t/${bucket}`], {
    env,
    input: JSON.stringify({ Rules }),
  });
  if (done.status !== 0) throw new Error(`${bucket}: ${done.stderr}`);
}
