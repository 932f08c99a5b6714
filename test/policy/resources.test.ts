import { unknownCheckingProxy } from "@pulumi/policy";
import { expect, test } from "vitest";
import { minioManifests } from "../../builders/minio/manifests.ts";
import { MinioServerConfig } from "../../config/minio-server/schema.ts";
import { bucketOf, grantOf, stackOf } from "../../policy/facts/from-resources.ts";
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
