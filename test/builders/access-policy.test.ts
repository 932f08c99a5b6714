import { expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Grant, Role } from "../../config/model.ts";

const grant = (role: Role, bucket: string, ...prefixes: string[]): Grant => ({ role, bucket, prefixes });

/** Statements on objects, without what is said of their bucket. */
function onObjects(...grants: Grant[]): Record<string, unknown>[] {
  return accessPolicy(grants).Statement.filter(({ Resource }) => JSON.stringify(Resource ?? "").includes("/"));
}

/** Of requests that name no version. */
const CURRENT = { Condition: { StringNotLike: { "s3:versionid": ["?*"] } } };
const allow = (...Action: string[]) => ({ Action, Effect: "Allow", Resource: ["arn:aws:s3:::b/*"] });

test.each<[Role, Record<string, unknown>[]]>([
  ["list", []],
  ["read", [{ ...allow("s3:GetObject", "s3:GetObjectTagging"), ...CURRENT }]],
  [
    "write",
    [
      allow("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"),
      { ...allow("s3:PutObjectTagging"), ...CURRENT },
    ],
  ],
  ["delete", [allow("s3:DeleteObject"), { ...allow("s3:DeleteObjectVersion"), Effect: "Deny" }]],
  ["restore", [allow("s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging")]],
  ["inspect", []],
])("role %s says of objects exactly %j", (role, statements) => {
  expect(onObjects(grant(role, "b"))).toEqual(statements);
});

test("who may read former versions isn't kept from them by another policy of the same identity", () => {
  const others: Role[] = ["list", "read", "write", "delete", "read_write", "inspect"];
  const refused = others.flatMap((role) =>
    onObjects(grant(role, "b")).flatMap(({ Effect, Action }) => (Effect === "Deny" ? (Action as string[]) : [])),
  );
  expect([...new Set(refused)]).toEqual(["s3:DeleteObjectVersion"]);
});

test("every document refuses its holder to make service accounts and to set its own secret", () => {
  for (const role of ["list", "read", "write", "delete", "read_write", "restore", "inspect"] as const) {
    expect(accessPolicy([grant(role, "b")]).Statement).toContainEqual({
      Action: [
        "admin:CreateServiceAccount",
        "admin:CreateUser",
        "admin:RemoveServiceAccount",
        "admin:UpdateServiceAccount",
      ],
      Effect: "Deny",
    });
  }
});

test("every role finds its bucket, on whatever prefix it is", () => {
  for (const role of ["list", "read", "write", "delete", "read_write", "restore", "inspect"] as const) {
    for (const prefixes of role === "inspect" ? [[]] : [[], ["in/"]]) {
      expect(accessPolicy([grant(role, "b", ...prefixes)]).Statement).toContainEqual({
        Action: expect.arrayContaining(["s3:GetBucketLocation", "s3:HeadBucket"]),
        Effect: "Allow",
        Resource: ["arn:aws:s3:::b"],
      });
    }
  }
});

test("uploads in progress are listed by who writes the whole bucket, since MinIO can't limit that to a prefix", () => {
  const lists = (...grants: Grant[]) => JSON.stringify(accessPolicy(grants)).includes("s3:ListBucketMultipartUploads");
  expect([lists(grant("write", "b")), lists(grant("read_write", "b"))]).toEqual([true, true]);
  expect([lists(grant("write", "b", "in/")), lists(grant("read", "b")), lists(grant("delete", "b"))]).toEqual([
    false,
    false,
    false,
  ]);
});

test("inspect reads the settings of its bucket, quotas and tiers, no name and no object", () => {
  const { Statement } = accessPolicy([grant("inspect", "b")]);
  expect(Statement.filter(({ Effect }) => Effect === "Allow")).toEqual([
    { Action: ["admin:GetBucketQuota", "admin:ListTier"], Effect: "Allow" },
    {
      Action: [
        "s3:GetBucketLocation",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:HeadBucket",
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
    ...CURRENT,
    Effect: "Allow",
    Resource: ["arn:aws:s3:::b/in/*", "arn:aws:s3:::b/out/*"],
  });
});

test("a grant on the whole bucket beside one on a prefix lists the whole bucket", () => {
  const { Statement } = accessPolicy([grant("read", "b", "in/"), grant("list", "b")]);
  expect(Statement.filter(({ Action }) => JSON.stringify(Action).includes('"s3:ListBucket"'))).toEqual([
    {
      Action: ["s3:GetBucketLocation", "s3:HeadBucket", "s3:ListBucket"],
      Effect: "Allow",
      Resource: ["arn:aws:s3:::b"],
    },
  ]);
});

test("the order of grants and a repeated one make no difference", () => {
  const [a, b] = [grant("write", "x"), grant("read", "y", "p/")];
  expect(accessPolicy([a, b, a])).toEqual(accessPolicy([b, a]));
});

test("M-003: no document holds a wildcard for actions or buckets", () => {
  const roles: Role[] = ["list", "read", "write", "delete", "read_write", "restore"];
  for (const { Action, Resource } of accessPolicy(roles.map((role) => grant(role, `b-${role}`))).Statement) {
    expect(JSON.stringify(Action)).not.toContain("*");
    for (const resource of (Resource ?? []) as string[]) expect(resource).toMatch(/^arn:aws:s3:::b-[a-z_]+(\/\*)?$/);
  }
});
