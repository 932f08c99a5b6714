import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { StoragePlatform } from "../../components/storage/platform.ts";
import type { Platform } from "../../config/model.ts";
import { Provider } from "../../provider/sdk.ts";
import { aBucket } from "../support/a-bucket.ts";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const made: Made[] = [];

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      made.push({ type, name, inputs });
      return { id: name, state: inputs };
    },
    call: ({ inputs }) => inputs,
  }),
);

beforeEach(() => {
  made.length = 0;
});

const provider = () =>
  new Provider("minio", { endpoint: "h:1", secure: false, region: "r", rootUser: "user", rootPassword: "password" });

function aPlatform(): Platform {
  const buckets = [aBucket({ name: "one" }), aBucket({ name: "two", protect: true })];
  return {
    name: "p",
    version: "v1",
    description: "d",
    environment: null,
    naming: "plain",
    namingExceptions: [],
    buckets,
  };
}

/** The value of an output; a test that didn't await it could not fail. */
function value<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

test("a platform makes one resource a bucket, under the bucket's name, and answers its ARN", async () => {
  const platform = new StoragePlatform("p", {
    platform: aPlatform(),
    stage: "dev",
    server: provider(),
    ownBuckets: new Set(),
  });
  expect(await value(platform.buckets)).toEqual({
    one: { platform: "p", arn: "arn:aws:s3:::one" },
    two: { platform: "p", arn: "arn:aws:s3:::two" },
  });
  const buckets = made.filter(({ type }) => type === "bucketworks:index:Bucket");
  expect(buckets.map(({ name }) => name).sort()).toEqual(["one", "two"]);
});

test("the provider's credentials are secrets", async () => {
  const server = provider();
  await value(server.urn);
  const inputs = made.find(({ type }) => type === "pulumi:providers:bucketworks")?.inputs;
  expect(JSON.stringify(inputs?.rootPassword)).toContain("1b47061264138c4ac30d75fd1eb44270");
  expect(JSON.stringify(inputs?.rootUser)).toContain("1b47061264138c4ac30d75fd1eb44270");
});
