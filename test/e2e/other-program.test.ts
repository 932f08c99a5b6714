import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Outcome, TestCheckout } from "../support/checkout.ts";
import { Mc } from "../support/mc.ts";
import { policyEvents, refusals } from "../support/policy-events.ts";

/** The program's own secret; a pack gets it in plaintext. */
const CANARY = "canary-of-the-deployer";
const PACK = ["--policy-pack", "policy"];

let checkout: TestCheckout;

beforeAll(async () => {
  checkout = await TestCheckout.make({});
  writeFileSync(join(checkout.root, "index.ts"), 'import "./test/fixtures/other-program/index.ts";\n');
  const mc = new Mc(checkout.server);
  await mc.run("admin", "user", "add", "t", "rules-deployer", CANARY);
  await mc.run("admin", "policy", "attach", "t", "consoleAdmin", "--user", "rules-deployer");
  mc.remove();
});

afterAll(() => checkout.remove());

const streamed = (...args: string[]): Promise<Outcome> =>
  checkout.run("env", "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true", "pulumi", ...args, "--json");

const rulesOf = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/;.*/, ""));

const KNOWN = (server: string): string[] =>
  [
    "access-administration: policy rules-administration allows admin:ServerInfo",
    "access-administration: policy rules-inline allows admin:*",
    "access-wildcard: policy rules-inline allows action admin:*",
    "access-wildcard: policy rules-wildcard allows action s3:*",
    "access-wildcard: policy rules-wildcard allows resource arn:aws:s3:::*",
    "bucket-anonymous-read: bucket rules-write lets anyone read rules-write/inbox/",
    "bucket-anonymous-write: bucket rules-write lets anyone do s3:PutObject",
    "bucket-immutability: bucket rules-immutable is tagged immutable and has no object lock",
    "bucket-lifecycle: bucket rules-lifecycle declares 90 days of retention, and no enabled rule expires them",
    "bucket-lock: bucket rules-lock locks objects for 91 days and keeps them 90",
    "bucket-naming: bucket rules-layered doesn't begin with a two-digit layer prefix, and its platform is layered (metadata.naming)",
    "bucket-naming: bucket rules.naming isn't kebab-case: lower-case letters, digits and single dashes between them",
    "bucket-protection: bucket rules-protection isn't protected",
    "bucket-quota: bucket rules-quota has a quota of 1 B, at least 1 MiB are required",
    "bucket-retention: bucket rules-misspelt holds audits, which has no limits: did you mean audit?",
    "bucket-retention: bucket rules-prefix expires objects below logs/ after 1 days, at least 365 are required for audit",
    "identity-builtin-policy: user rules-ana has the server's own policy consoleAdmin",
    "identity-root-credential: service account rules-root-key acts for the identity that deploys",
    "resource-unread: resource rules-bare is a minio:index/s3Bucket:S3Bucket, which no rule can read",
    "resource-unread: resource rules-object is a minio:index/s3Object:S3Object, which no rule can read",
    "resource-unread: resource rules-open is a minio:index/s3BucketPolicy:S3BucketPolicy, which no rule can read",
    "resource-unread: resource rules-unversioned is a minio:index/s3BucketVersioning:S3BucketVersioning, which no rule can read",
    "resource-unread: resource rules-wipe is a minio:index/ilmPolicy:IlmPolicy, which no rule can read",
    `server-tls: server ${server} isn't reached over TLS`,
  ].sort();

/** Of a value that the bucket's creation gives. */
const LATER = "access-wildcard: policy rules-later allows action s3:Get*";

test("a preview refuses what no spec could ask for; a value it doesn't know yet neither passes nor fails", async () => {
  const preview = await streamed("preview", ...PACK);
  expect(preview.code).not.toBe(0);
  expect(rulesOf(refusals(preview))).toEqual(KNOWN(checkout.server.url));
  const advice = policyEvents(preview).filter(({ enforcementLevel }) => enforcementLevel === "advisory");
  const undecided = advice.map(({ policyName }) => policyName);
  expect(undecided).toContain("access-wildcard");
  expect(undecided).toContain("policy-without-holder");
  for (const { message } of advice) expect(message).toMatch(/can't run policy .* during preview: .* can't be known/);
  expect(JSON.stringify(policyEvents(preview))).not.toContain(CANARY);
});

test("an update that skips the preview is refused before it writes what breaks a rule", async () => {
  const up = await checkout.run("pulumi", "up", "--yes", "--skip-preview", ...PACK);
  expect(up.code).not.toBe(0);
  expect(up.stdout + up.stderr).not.toContain(CANARY);
  const mc = new Mc(checkout.server);
  const made = await mc.run("ls", "t");
  mc.remove();
  expect(made).toBe("");
});

test("the exported state of such a program is found wrong in all of it, and no secret is shown", async () => {
  await checkout.must("pulumi", "up", "--yes", "--skip-preview");
  await checkout.must("sh", "-c", "pulumi stack export > .bucketworks/exported.json");
  const state = await streamed("policy", "analyze", "--file", ".bucketworks/exported.json", ...PACK);
  expect(state.code).not.toBe(0);
  expect(rulesOf(refusals(state))).toEqual([...KNOWN(checkout.server.url), LATER].sort());
  expect(state.stdout + state.stderr).not.toContain(CANARY);
});
