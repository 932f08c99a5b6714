import { expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Grant, Role } from "../../config/model.ts";

const grant = (role: Role, bucket: string, ...prefixes: string[]): Grant => ({ role, bucket, prefixes });

/** Statements that permit something on objects, without their bucket's location and listing. */
function onObjects(...grants: Grant[]): Record<string, unknown>[] {
  return accessPolicy(grants).Statement.filter(({ Resource }) => JSON.stringify(Resource).includes("/"));
}

test.each<[Role, string[]]>([
  ["list", []],
  ["read", ["s3:GetObject", "s3:GetObjectTagging"]],
  ["write", ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging"]],
  ["delete", ["s3:DeleteObject"]],
])("role %s permits on objects exactly %j", (role, actions) => {
  const statements = onObjects(grant(role, "b"));
  expect(statements).toEqual(
    actions.length === 0 ? [] : [{ Action: actions, Effect: "Allow", Resource: ["arn:aws:s3:::b/*"] }],
  );
});

test("inspect reads the settings of its bucket, quotas and tiers, no name and no object", () => {
  expect(accessPolicy([grant("inspect", "b")]).Statement).toEqual([
    { Action: ["admin:GetBucketQuota", "admin:ListTier"], Effect: "Allow" },
    { Action: ["s3:GetBucketLocation"], Effect: "Allow", Resource: ["arn:aws:s3:::b"] },
    {
      Action: [
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
      ],
      Effect: "Allow",
      Resource: ["arn:aws:s3:::b"],
    },
  ]);
});

test("read_write is read, write and delete", () => {
  const three = onObjects(grant("read", "b"), grant("write", "b"), grant("delete", "b"));
  expect(onObjects(grant("read_write", "b"))).toEqual(three);
});

test("prefixes limit objects and, for those who list, what is listed", () => {
  const { Statement } = accessPolicy([grant("read", "b", "in/", "out/")]);
  expect(Statement).toContainEqual({
    Action: ["s3:ListBucket"],
    Effect: "Allow",
    Resource: ["arn:aws:s3:::b"],
    Condition: { StringLike: { "s3:prefix": ["in/*", "out/*"] } },
  });
  expect(Statement).toContainEqual({
    Action: ["s3:GetObject", "s3:GetObjectTagging"],
    Effect: "Allow",
    Resource: ["arn:aws:s3:::b/in/*", "arn:aws:s3:::b/out/*"],
  });
});

test("a grant on the whole bucket beside one on a prefix lists the whole bucket", () => {
  const { Statement } = accessPolicy([grant("read", "b", "in/"), grant("list", "b")]);
  expect(Statement.filter(({ Action }) => JSON.stringify(Action) === '["s3:ListBucket"]')).toEqual([
    { Action: ["s3:ListBucket"], Effect: "Allow", Resource: ["arn:aws:s3:::b"] },
  ]);
});

test("the order of grants and a repeated one make no difference", () => {
  const [a, b] = [grant("write", "x"), grant("read", "y", "p/")];
  expect(accessPolicy([a, b, a])).toEqual(accessPolicy([b, a]));
});

test("M-003: no document holds a wildcard for actions or buckets", () => {
  const roles: Role[] = ["list", "read", "write", "delete", "read_write"];
  for (const { Action, Resource } of accessPolicy(roles.map((role) => grant(role, `b-${role}`))).Statement) {
    expect(JSON.stringify(Action)).not.toContain("*");
    for (const resource of Resource as string[]) expect(resource).toMatch(/^arn:aws:s3:::b-[a-z_]+(\/\*)?$/);
  }
});
