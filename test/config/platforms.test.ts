import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Access } from "../../config/model.ts";
import { ROOT } from "../support/cli.ts";
import { PLATFORMS } from "../support/our-files.ts";
import { platform, resolved, STAGES } from "../support/platforms.ts";

/** Users with all they have themselves and by their groups. */
function policiesOf({ users, groups }: Access, name: string): string[] {
  const user = users.find((each) => each.name === name);
  const joined = groups.filter((group) => user?.groups.includes(group.name));
  return [...(user?.policies ?? []), ...joined.flatMap(({ policies }) => policies)];
}

describe.each(STAGES)("the platforms of stage %s", (stage) => {
  const { platforms } = resolved(null, stage);
  const buckets = platforms.flatMap((each) => each.buckets);
  const accesses = platforms.map(({ access }) => access);

  test("are the five, with 30 buckets", () => {
    expect(platforms.map(({ name }) => name)).toEqual([...PLATFORMS]);
    expect(buckets).toHaveLength(30);
  });

  test("give nobody anonymous access (M-002, CS-003)", () => {
    expect(buckets.filter(({ publicRead }) => publicRead.length > 0)).toEqual([]);
  });

  test("encrypt every bucket at rest (U-079, M-002, M-043, CS-048)", () => {
    expect(buckets.filter(({ encryption }) => encryption.type === "none")).toEqual([]);
  });

  test("protect every bucket outside dev, and delete none that leaves the spec (U-092, CS-004)", () => {
    expect(new Set(buckets.map(({ protect }) => protect))).toEqual(new Set([stage !== "dev"]));
    expect(new Set(buckets.map(({ onDelete }) => onDelete))).toEqual(new Set(["retain"]));
  });

  test("name policies, groups and identities once on the server", () => {
    for (const names of [
      accesses.flatMap(({ policies }) => policies.map(({ name }) => name)),
      accesses.flatMap(({ groups }) => groups.map(({ name }) => name)),
      accesses.flatMap(({ users, serviceAccounts }) => [...users, ...serviceAccounts].map(({ name }) => name)),
    ]) {
      expect(names).toEqual([...new Set(names)]);
    }
  });

  test("give no job more than its user has, and leave no policy unused (U-078, M-042)", () => {
    for (const access of accesses) {
      for (const { user, policies } of access.serviceAccounts) {
        expect(policiesOf(access, user)).toEqual(expect.arrayContaining([...policies]));
      }
      const used = [...access.groups, ...access.users].flatMap(({ policies }) => policies);
      expect(access.policies.map(({ name }) => name).filter((name) => !used.includes(name))).toEqual([]);
    }
  });

  test("let nobody create, delete or configure a bucket, nor reach all of them (U-078, M-034)", () => {
    const all = accesses.flatMap(({ policies }) => policies.flatMap((policy) => policy.grants));
    const grants = all.filter(({ role }) => role !== "drill");
    type Statements = { Statement: { Action: string[]; Resource?: string[]; Effect: string }[] };
    const document = accessPolicy(grants) as unknown as Statements;
    const Statement = document.Statement.filter(({ Effect }) => Effect === "Allow");
    const actions = new Set(Statement.flatMap(({ Action }) => Action));
    expect([...actions].sort()).toEqual([
      "admin:GetBucketQuota",
      "admin:ListTier",
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:GetBucketLocation",
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketPolicy",
      "s3:GetBucketTagging",
      "s3:GetBucketVersioning",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetObject",
      "s3:GetObjectLegalHold",
      "s3:GetObjectRetention",
      "s3:GetObjectTagging",
      "s3:GetObjectVersion",
      "s3:GetObjectVersionTagging",
      "s3:HeadBucket",
      "s3:ListBucket",
      "s3:ListBucketMultipartUploads",
      "s3:ListBucketVersions",
      "s3:ListMultipartUploadParts",
      "s3:PutObject",
      "s3:PutObjectRetention",
      "s3:PutObjectTagging",
    ]);
    expect(Statement.flatMap(({ Resource = [] }) => Resource).filter((arn) => /^arn:aws:s3:::[*]/.test(arn))).toEqual(
      [],
    );
    // Drills make and remove buckets, of their own alone.
    const drills = accessPolicy(all.filter(({ role }) => role === "drill")) as unknown as Statements;
    const reached = drills.Statement.filter(({ Effect }) => Effect === "Allow").flatMap(
      ({ Resource = [] }) => Resource,
    );
    const own = "arn:aws:s3:::bucketworks-drill-*";
    expect([...new Set(reached)].sort()).toEqual([own, `${own}/*`]);
    const names = all.filter(({ role }) => role !== "drill").map(({ bucket }) => bucket);
    expect(names.filter((name) => name.startsWith("bucketworks-drill-"))).toEqual([]);
  });

  test.each(PLATFORMS)("%s: the resolved model is the one that was reviewed", async (name) => {
    const text = `${JSON.stringify(resolved(name, stage), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(ROOT, `test/golden/${name}.${stage}.model.json`));
  });
});

test("no bucket of dev keeps longer than in production, and every bucket of production has a quota", () => {
  for (const name of PLATFORMS) {
    const production = platform(name).buckets;
    const days = (value: number | null) => value ?? Number.POSITIVE_INFINITY;
    for (const [index, dev] of platform(name, "dev").buckets.entries()) {
      expect(dev.name).toBe(production[index]?.name);
      expect(production[index]?.quotaBytes).toBeGreaterThan(0);
      expect(days(dev.retentionDays)).toBeLessThanOrEqual(days(production[index]?.retentionDays ?? null));
    }
  }
});
