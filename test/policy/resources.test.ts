import { unknownCheckingProxy } from "@pulumi/policy";
import { expect, test } from "vitest";
import { minioManifests } from "../../builders/minio/manifests.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import { bucketOf, grantOf, readers, stackOf } from "../../policy/facts/from-resources.ts";
import type { RegisteredResource } from "../../policy/facts/resource.ts";
import { Unknown } from "../../policy/facts.ts";

/** What the engine sends for a text that isn't known at a preview. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const CANARY = "canary-secret";
const DOCUMENT = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" }],
};

const registered = (type: string, name: string, props: object): RegisteredResource => ({
  type,
  name,
  urn: `urn:pulumi:dev::p::${type}::${name}`,
  props: unknownCheckingProxy(props) as Record<string, unknown>,
  opts: { protect: true },
});

test("a value that isn't known anywhere inside a setting makes that setting unknown, and no other", () => {
  const { facts, subject } = bucketOf(
    registered("bucketworks:index:Bucket", "logs", {
      bucket: "logs",
      versioning: true,
      tags: { data_type: "logs", owner: UNKNOWN },
      lifecycle: [{ ID: "retention", Status: "Enabled", Filter: {}, Expiration: { Days: 3 } }],
    }),
  );
  expect(subject.name).toBe("logs");
  expect(facts.tags).toBeInstanceOf(Unknown);
  expect(facts.versioning).toBe(true);
  expect(facts.lifecycle).toHaveLength(1);
  expect(facts.quota).toBeUndefined();
});

test("a bucket whose name isn't known yet goes by its logical name", () => {
  const { facts, subject } = bucketOf(registered("bucketworks:index:Bucket", "logs", { bucket: UNKNOWN }));
  expect(facts.name).toBeInstanceOf(Unknown);
  expect(subject.name).toBe("logs");
});

test("documents are read in the form in which rules compare them", () => {
  const { facts, subject } = grantOf(
    registered("minio:index/iamServiceAccount:IamServiceAccount", "shop/job", { policy: JSON.stringify(DOCUMENT) }),
  );
  expect(subject).toMatchObject({ kind: "service account", name: "job" });
  expect(facts.document).toMatchObject({ Statement: [{ Action: ["s3:GetObject"] }] });
});

test("one attachment that isn't known leaves no verdict on who has what", () => {
  const user = registered("minio:index/iamUser:IamUser", "shop/ana", { name: "ana", secret: CANARY });
  const attachment = registered("minio:index/iamUserPolicyAttachment:IamUserPolicyAttachment", "shop/ana/x", {
    userName: UNKNOWN,
    policyName: "x",
  });
  const facts = stackOf([user, attachment]);
  expect(facts.users).toEqual(["ana"]);
  expect(facts.attachments).toBeInstanceOf(Unknown);
});

test("the server that a stack deploys is told by its manifest; another StatefulSet is none of it", () => {
  const own =
    minioManifests(MinioServerConfig.parse({ namespace: "mlops" })).find(({ kind }) => kind === "StatefulSet") ?? {};
  const other = { metadata: { name: "db", namespace: "mlops" }, spec: {} };
  const facts = stackOf([own, other].map((props) => registered("kubernetes:apps/v1:StatefulSet", "s", props)));
  expect(facts.deployed).toEqual([{ name: "mlops/minio", staleUploadsExpiry: "24h" }]);
});

test("no fact holds the secret of an identity or of the deployment", () => {
  const facts = stackOf([
    registered("minio:index/iamUser:IamUser", "shop/ana", { name: "ana", secret: CANARY }),
    registered("minio:index/iamServiceAccount:IamServiceAccount", "shop/job", {
      targetUser: "ana",
      secretKey: CANARY,
      policy: JSON.stringify(DOCUMENT),
    }),
    registered("pulumi:providers:bucketworks", "minio", {
      endpoint: "h:1",
      secure: "true",
      rootUser: "deployer",
      rootPassword: CANARY,
    }),
  ]);
  expect(facts.servers).toEqual(["https://h:1"]);
  expect(facts.deployers).toEqual(["deployer"]);
  expect(JSON.stringify(facts)).not.toContain(CANARY);
});

test.each([
  ["minio:index/s3Bucket:S3Bucket", { bucket: "b", acl: "public-read-write", forceDestroy: true }],
  ["minio:index/s3BucketPolicy:S3BucketPolicy", { bucket: "b", policy: "{}" }],
  ["minio:index/ilmPolicy:IlmPolicy", { bucket: "b", rules: [{ id: "wipe", expiration: "1d" }] }],
  ["minio:index/s3BucketServerSideEncryption:S3BucketServerSideEncryption", { bucket: "b" }],
  ["minio:index/somethingNew:SomethingNew", {}],
])("a resource of @pulumi/minio that no reader knows is one that can't be judged: %s", (type, props) => {
  const resource = registered(type, "r", props);
  expect(readers.resource(resource)).toMatchObject({ subject: { kind: "resource", name: "r" }, facts: { type } });
  expect(readers.bucket(resource)).toBeUndefined();
});

test.each([
  "bucketworks:index:Bucket",
  "minio:index/iamPolicy:IamPolicy",
  "minio:index/iamGroupMembership:IamGroupMembership",
  "pulumi:providers:minio",
  "kubernetes:apps/v1:Deployment",
])("what is read, or is none of it, isn't refused by its type: %s", (type) => {
  expect(readers.resource(registered(type, "r", {}))).toBeUndefined();
});

test("a group's inline policy is a policy that the group has, and its members are told all at once", () => {
  const policy = JSON.stringify({ ...DOCUMENT, Statement: [{ Effect: "Allow", Action: "admin:*" }] });
  const inline = registered("minio:index/iamGroupPolicy:IamGroupPolicy", "x", {
    group: "team",
    name: "inline",
    policy,
  });
  const members = registered("minio:index/iamGroupMembership:IamGroupMembership", "m", {
    group: "team",
    users: ["ana", "bo"],
  });
  expect(readers.grant(inline)).toMatchObject({
    subject: { kind: "policy", name: "inline" },
    facts: { document: { Statement: [{ Action: ["admin:*"] }] } },
  });
  expect(stackOf([inline, members])).toMatchObject({
    policies: [{ name: "inline" }],
    attachments: [{ holder: "group", name: "team", policy: "inline" }],
    memberships: [
      { user: "ana", group: "team" },
      { user: "bo", group: "team" },
    ],
  });
});

test.each([{}, { policy: "" }])("a service account without a document of its own is judged by its user: %j", (none) => {
  const type = "minio:index/iamServiceAccount:IamServiceAccount";
  const account = registered(type, "job", { targetUser: "ana", ...none });
  expect(readers.grant(account)?.facts).toMatchObject({ document: { Statement: [] } });
  expect(stackOf([account]).serviceAccounts).toMatchObject([{ user: "ana", document: { Statement: [] } }]);
});

test.each([undefined, ""])("a group's inline policy that the server names is called by its resource: %j", (name) => {
  const props = { group: "team", name, policy: JSON.stringify(DOCUMENT) };
  const inline = registered("minio:index/iamGroupPolicy:IamGroupPolicy", "other/inline", props);
  expect(readers.grant(inline)?.subject).toMatchObject({ kind: "policy", name: "inline" });
});
