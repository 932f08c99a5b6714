import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestCheckout } from "../support/checkout.ts";
import { dumpOf, rootClient } from "../support/state.ts";

/** Everything a spec can ask of the server, then less of it: each kind of call of both providers is made. */
const spec = (all: boolean): string => `metadata: {version: v1, description: d}
bucket_groups:
  g:
    description: d
    versioning: true
    on_delete: delete_if_empty
    ${all ? "retention_days: 30\n    encryption: sse-s3\n    quota: 1GiB" : "layer: L0"}
    buckets:
      - {name: one-bucket, description: d${all ? ", tags: {a: b}, public_read: [pub/]" : ""}}
      - {name: two-bucket, description: d}
      - {name: kms-bucket, description: d, encryption: "sse-kms:test-key"}
      - {name: locked, description: d, object_lock: {mode: governance, days: 1}}
      - {name: cold, description: d${all ? ", lifecycle: [{id: away, transition: {days: 3, tier: COLD}}]" : ""}}
access:
  policies:
    cleaner: {grants: [{role: write, bucket: ${all ? "one" : "two"}-bucket}]}
    reader: {grants: [{role: read, bucket: one-bucket}]}
  groups:
    analysts: {policies: [reader]}
${all ? "    more: {policies: [reader, cleaner]}" : ""}
  users:
    ada: {groups: [analysts${all ? ", more" : ""}]}
    cleaning: {policies: [${all ? "cleaner, reader" : "reader"}]}
${all ? "    gone: {policies: [reader]}" : ""}
  service_accounts:
    job: {user: cleaning, policies: [${all ? "cleaner" : "reader"}]}
${all ? "    gone-job: {user: cleaning, policies: [cleaner]}" : ""}
`;
const DEPLOYER = { user: "deployer", password: "deployer-secret-of-a-test" };
const UP = ["up", "--yes", "--skip-preview"];

let checkout: TestCheckout;

beforeAll(async () => {
  checkout = await TestCheckout.make({ all: spec(true) });
  const { user, password } = DEPLOYER;
  const policy = process.env.DEPLOYER_POLICY ?? join(checkout.root, "docs", "deployer-policy.json");
  await checkout.must("mc", "admin", "policy", "create", "dev", "bucketworks-deployer", policy);
  await checkout.must("mc", "admin", "user", "add", "dev", user, password);
  await checkout.must("mc", "admin", "policy", "attach", "dev", "bucketworks-deployer", "--user", user);
  checkout.writeCredentials(user, password);
});

afterAll(() => checkout.remove());

test("an identity with docs/deployer-policy.json deploys, changes and compares everything a spec can say", async () => {
  await checkout.must("pulumi", ...UP);
  await checkout.must("pulumi", "preview", "--refresh", "--expect-no-changes");
  checkout.writePlatforms({ all: spec(false) });
  await checkout.must("pulumi", ...UP);
  await checkout.must("bin/bucketworks", "verify", "--no-identities");
});

test("scan and import-server as it name each missing right and the scanner's policy, verify what trying keys needs", async () => {
  const lines = (output: string) => output.split("\n").filter((line) => line.includes("AccessDenied"));
  const looking = /, which needs (s3|admin):\w+; use an identity with docs\/scanner-policy\.json$/;
  const out = join(checkout.root, ".bucketworks", "import");
  for (const command of [["scan"], ["import-server", "--out", out, "found"]]) {
    const { code, stdout, stderr } = await checkout.run("bin/bucketworks", ...command);
    const refused = lines(stdout + stderr);
    expect({ code, others: refused.filter((line) => !looking.test(line)) }).toEqual({ code: 3, others: [] });
    for (const right of ["admin:ListUsers", "s3:GetBucketNotification"]) expect(refused.join("\n")).toContain(right);
  }
  const { code, stdout, stderr } = await checkout.run("bin/bucketworks", "verify");
  expect(code).toBe(3);
  expect(lines(stdout + stderr)).toContainEqual(
    expect.stringMatching(/, which needs s3:ListBucket; use an identity that has it$/),
  );
});

test("it can't read, write or delete an object, nor touch the server's configuration or life", async () => {
  const root = rootClient(checkout.server);
  await root.putObject({ Bucket: "two-bucket", Key: "precious", Body: "data" });
  const config = join(checkout.root, ".bucketworks", "mc", "config.json");
  const aliases = JSON.parse(readFileSync(config, "utf8"));
  const { user: accessKey, password: secretKey } = DEPLOYER;
  aliases.aliases.deployer = { ...aliases.aliases.dev, accessKey, secretKey };
  writeFileSync(config, JSON.stringify(aliases));
  for (const command of [
    ["cat", "deployer/two-bucket/precious"],
    ["cp", "Pulumi.yaml", "deployer/two-bucket/more"],
    ["rm", "deployer/two-bucket/precious"],
    ["rb", "--force", "deployer/two-bucket"],
    ["admin", "config", "set", "deployer", "compression", "enable=on"],
    ["admin", "service", "stop", "deployer"],
    ["admin", "info", "deployer"],
  ]) {
    const { code, stdout, stderr } = await checkout.run("mc", ...command);
    expect([code, stdout + stderr], command.join(" ")).toEqual([
      1,
      expect.stringMatching(/access denied|not allowed|insufficient permissions/i),
    ]);
  }
  const { VersionId } = await root.headObject({ Bucket: "two-bucket", Key: "precious" });
  await root.deleteObject({ Bucket: "two-bucket", Key: "precious", VersionId });
  root.destroy();
});

test("it removes the stack, and nothing is left of it", async () => {
  await checkout.must("pulumi", "destroy", "--yes", "--skip-preview");
  expect(await dumpOf(checkout.server)).toEqual({});
});
