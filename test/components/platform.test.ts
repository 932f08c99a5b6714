import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { externalServer, type Server } from "../../components/server-providers.ts";
import { StoragePlatform } from "../../components/storage/platform.ts";
import { NO_SERVICES, type Platform } from "../../config/model.ts";
import type { Settings } from "../../config/stack/settings.ts";
import { aBucket } from "../support/a-bucket.ts";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const made: Made[] = [];
/** Resources whose secret stays what it is once they are there. */
const kept: string[] = [];
/** Service accounts that stay their user's. */
const keptUsers: string[] = [];

beforeAll(() => {
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      made.push({ type, name, inputs });
      return { id: name, state: inputs };
    },
    call: ({ inputs }) => inputs,
  });
  const monitor = getMonitor();
  if (monitor === undefined) throw new Error("no mocks");
  const register = monitor.registerResource.bind(monitor) as (...args: unknown[]) => unknown;
  Object.assign(monitor, {
    // The mocks know no hooks of resources.
    registerResourceHook: (_: unknown, done: (error: null) => void) => done(null),
    registerResource: (request: { getName(): string; getIgnorechangesList(): string[] }, ...rest: unknown[]) => {
      if (request.getIgnorechangesList().includes("secret")) kept.push(request.getName());
      if (request.getIgnorechangesList().includes("targetUser")) keptUsers.push(request.getName());
      return register(request, ...rest);
    },
  });
});

beforeEach(() => {
  made.length = 0;
  kept.length = 0;
  keptUsers.length = 0;
});

const settings = { endpoint: "h:1", credentials: { user: "user", password: "password" } } as Settings;
const server = (...platforms: Platform[]): Server =>
  externalServer(settings, { schemaVersion: 1, stage: "dev", connection: null, platforms }, null);

function aPlatform(): Platform {
  const buckets = [aBucket({ name: "one" }), aBucket({ name: "two", protect: true })];
  return {
    name: "p",
    version: "v1",
    description: "d",
    environment: null,
    naming: "plain",
    namingExceptions: [],
    access: { policies: [], groups: [], users: [], serviceAccounts: [] },
    backup: null,
    rotation: null,
    database: null,
    databaseBackup: null,
    workloads: [],
    alerting: null,
    services: NO_SERVICES,
    experiments: [],
    features: null,
    unmanaged: [],
    buckets,
  };
}

/** The value of an output; a test that didn't await it could not fail. */
function value<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

test("a platform makes one resource a bucket, under the bucket's name, none after another (U-096), and answers its ARN", async () => {
  const platform = new StoragePlatform("p", {
    platform: aPlatform(),
    stage: "dev",
    server: server(),
    tiers: new Map(),
    remotes: {},
    ownBuckets: new Set(),
    newSecretFor: undefined,
    kept: { specDigest: "", model: "" },
    previous: new Set<string>(),
  });
  expect(await value(platform.buckets)).toEqual({
    one: { platform: "p", arn: "arn:aws:s3:::one" },
    two: { platform: "p", arn: "arn:aws:s3:::two" },
  });
  const buckets = made.filter(({ type }) => type === "bucketworks:index:Bucket");
  expect(buckets.map(({ name }) => name).sort()).toEqual(["one", "two"]);
});

test("both providers' credentials are secrets", async () => {
  const users = [{ name: "ada", policies: [], groups: [] }];
  const platform = aPlatform();
  const { provider, identities } = server({ ...platform, access: { ...platform.access, users } });
  if (identities === undefined) throw new Error("no provider of identities");
  await Promise.all([value(provider.urn), value(identities.provider.urn)]);
  const inputs = (type: string) => made.find((each) => each.type === `pulumi:providers:${type}`)?.inputs;
  for (const secret of [
    inputs("bucketworks")?.rootPassword,
    inputs("bucketworks")?.rootUser,
    inputs("minio")?.minioPassword,
    inputs("minio")?.minioUser,
  ]) {
    expect(JSON.stringify(secret)).toContain("1b47061264138c4ac30d75fd1eb44270");
  }
});

test("a stack without identities needs no provider of identities", async () => {
  const { provider, identities } = server(aPlatform());
  await value(provider.urn);
  expect(identities).toBeUndefined();
  expect(made.map(({ type }) => type)).toEqual(["pulumi:providers:bucketworks"]);
});

test.each([
  [undefined, ["p/ada", "p/bob"]],
  ["ada", ["p/bob"]],
  ["eve", ["p/ada", "p/bob"]],
])(
  "a user is made with a secret of ours, and keeps the one it has unless it is to get another: %s",
  async (newSecretFor, keeping) => {
    const users = ["ada", "bob"].map((name) => ({ name, policies: [], groups: [] }));
    const platform = { ...aPlatform(), access: { ...aPlatform().access, users } };
    const args = {
      platform,
      stage: "dev",
      server: server(platform),
      tiers: new Map(),
      remotes: {},
      ownBuckets: new Set<string>(),
      newSecretFor,
      kept: { specDigest: "", model: "" },
      previous: new Set<string>(),
    };
    await value(new StoragePlatform("p", args).credentials);
    const found = made.filter(
      ({ type, inputs }) => type === "minio:index/iamUser:IamUser" && inputs.secret !== undefined,
    );
    expect(found.map(({ name }) => name)).toEqual(["p/ada", "p/bob"]);
    expect(kept).toEqual(keeping);
    for (const { inputs } of found) expect(JSON.stringify(inputs.secret)).toContain("1b47061264138c4ac30d75fd1eb44270");
  },
);

test("while a key is replaced, the new one is handed out and the former one is declared beside it, for the user it was made for", async () => {
  const users = [{ name: "robot", policies: [], groups: [] }];
  const serviceAccounts = ["job", "other"].map((name) => ({ name, user: "robot", policies: ["p-reader"] }));
  const platform = { ...aPlatform(), access: { ...aPlatform().access, users, serviceAccounts } };
  const args = {
    platform,
    stage: "dev",
    server: server(platform),
    tiers: new Map(),
    remotes: {},
    ownBuckets: new Set<string>(),
    newSecretFor: undefined,
    previous: new Set(["p/job"]),
    kept: { specDigest: "", model: "" },
  };
  const { credentials, previousKeys } = new StoragePlatform("p", args);
  expect(Object.keys(await value(credentials)).sort()).toEqual(["job", "other", "robot"]);
  expect(Object.keys(await value(previousKeys))).toEqual(["job"]);
  const accounts = made.filter(({ type }) => type.endsWith(":IamServiceAccount"));
  expect(accounts.map(({ name }) => name).sort()).toEqual(["p/job", "p/job/previous", "p/other"]);
  const [now, old] = ["p/job", "p/job/previous"].map((name) => accounts.find((each) => each.name === name)?.inputs);
  expect(old).toEqual(now);
  expect(keptUsers).toEqual(["p/job/previous"]);
});
