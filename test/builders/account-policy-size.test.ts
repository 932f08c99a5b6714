import { expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import { ACCOUNT_POLICY_MAX, accountPolicySize } from "../../builders/account-policy-size.ts";
import type { Grant, Role } from "../../config/model.ts";

const grant = (role: Role, bucket: string, ...prefixes: string[]): Grant => ({ role, bucket, prefixes });
const buckets = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `measured-values-${10 + index}`);

test("a document names a bucket once as a whole, whatever its roles permit on it", () => {
  const roles: Role[] = ["list", "read", "write", "delete", "read_write", "restore", "inspect"];
  const grants = buckets(3).flatMap((bucket) => roles.map((role) => grant(role, bucket)));
  const resources = accessPolicy(grants).Statement.flatMap(({ Resource }) => (Resource as string[] | undefined) ?? []);
  for (const bucket of buckets(3))
    expect(resources.filter((each) => each === `arn:aws:s3:::${bucket}`)).toHaveLength(1);
});

test("listings of names and of versions under the same prefixes are one statement", () => {
  const { Statement } = accessPolicy([grant("restore", "b", "in/", "out/")]);
  expect(Statement).toContainEqual({
    Action: ["s3:ListBucket", "s3:ListBucketVersions"],
    Effect: "Allow",
    Resource: ["arn:aws:s3:::b"],
    Condition: { StringLike: { "s3:prefix": ["in/*", "out/*"] } },
  });
});

test("names are listed on the whole bucket, former versions under their prefix alone, as each role says", () => {
  const { Statement } = accessPolicy([grant("restore", "b", "in/"), grant("list", "b")]);
  const listings = Statement.filter(({ Action }) => JSON.stringify(Action).includes("s3:ListBucket"));
  expect(listings.map(({ Action, Condition }) => [Action, Condition])).toEqual([
    [["s3:GetBucketLocation", "s3:HeadBucket", "s3:ListBucket"], undefined],
    [["s3:ListBucketVersions"], { StringLike: { "s3:prefix": ["in/*"] } }],
  ]);
});

test("an account may read and write sixteen buckets and more before its document is too large", () => {
  const sizes = (role: Role, count: number) => accountPolicySize(buckets(count).map((bucket) => grant(role, bucket)));
  expect(sizes("read_write", 20)).toBeLessThanOrEqual(ACCOUNT_POLICY_MAX);
  expect(sizes("read", 35)).toBeLessThanOrEqual(ACCOUNT_POLICY_MAX);
});

test("what Go writes as an escape counts with it, and other letters by their bytes", () => {
  const size = (prefix: string) => accountPolicySize([grant("write", "b", prefix)]);
  expect(size("<>&/") - size("abc/")).toBe(3 * 5 * ((size("abcd/") - size("abc/")) / 1));
  expect(size("ä/") - size("a/")).toBe(size("aa/") - size("a/"));
});
