import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StackOutputs } from "../../components/outputs.ts";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const KMS_KEY = `k:${Buffer.alloc(32, 7).toString("base64")}`;
const made: Made[] = [];
/** What the state keeps otherwise than the stack asks for. */
let stashed: object = {};
const sdk = { loaded: false };

vi.mock("@pulumi/docker/image.js", async (original) => {
  sdk.loaded = true;
  return original();
});

beforeEach(() => {
  made.length = 0;
  stashed = {};
  sdk.loaded = false;
  vi.resetModules();
  vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", '["bucketworks:rootUser", "bucketworks:rootPassword"]');
});

afterEach(() => void vi.unstubAllEnvs());

const typesOf = (prefix: string): string[] => made.map(({ type }) => type).filter((type) => type.startsWith(prefix));

/** Runs the whole program as stage dev on a server somewhere, unless `more` says otherwise. */
async function program(images: object, more: Record<string, string> = {}): Promise<StackOutputs> {
  pulumi.runtime.setAllConfig({
    "bucketworks:endpoint": "minio.example:9000",
    "bucketworks:rootUser": "root",
    "bucketworks:rootPassword": "password",
    "bucketworks:platforms": '["usdcop"]',
    "bucketworks:images": JSON.stringify(images),
    ...more,
  });
  const newResource = ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
    made.push({ type, name, inputs });
    const output = type === "pulumi:index:Stash" && { output: { ...inputs.input, ...stashed } };
    return { id: name, state: { ...inputs, ...output, repoDigest: `${name}@sha256:0` } };
  };
  await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs }, "bucketworks", "dev");
  // The mocks know no hooks of resources.
  Object.assign(getMonitor() ?? {}, { registerResourceHook: (_: unknown, done: (error: null) => void) => done(null) });
  const { default: outputs } = await import("../../index.ts");
  await new Promise((resolve) => outputs.buckets.apply(resolve));
  return outputs;
}

test("a stack that asks for no images loads nothing of docker, and has no such output", async () => {
  const outputs = await program({});
  expect(sdk.loaded).toBe(false);
  expect(typesOf("docker:")).toEqual([]);
  expect(outputs).not.toHaveProperty("images");
});

test("a stack that asks for images makes them and answers them by digest", async () => {
  const outputs = await program({ registry: "registry.example/team", build: ["workloads"] });
  const { images } = await new Promise<{ images: unknown }>((resolve) =>
    pulumi.output({ images: outputs.images }).apply(resolve),
  );
  expect(images).toEqual({ workloads: "workloads@sha256:0" });
  expect(typesOf("docker:")).toEqual(["docker:index/image:Image"]);
});

test("what a stack deploys runs the images that it builds, by digest", async () => {
  const images = { registry: "registry.example/team", build: ["minio", "workloads"] };
  vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", '["bucketworks:rootUser", "bucketworks:rootPassword", "bucketworks:kmsKey"]');
  await program(images, { "bucketworks:target": "kubernetes", "bucketworks:kmsKey": KMS_KEY });
  const kind = (type: string) => made.filter((each) => each.type.startsWith("kubernetes:") && each.type.endsWith(type));
  await vi.waitFor(() => expect(kind(":CronJob")).not.toEqual([]));
  const imagesOf = (all: readonly Made[]) => new Set(JSON.stringify(all).match(/(?<="image":")[^"]+/g));
  expect(imagesOf(kind(":StatefulSet"))).toEqual(new Set(["minio@sha256:0"]));
  expect(imagesOf([...kind(":CronJob"), ...kind(":Job")])).toEqual(new Set(["workloads@sha256:0"]));
});

test("what a stack may not become is refused before an image is built or a resource registered", async () => {
  stashed = { namespace: "elsewhere" };
  vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", '["bucketworks:rootUser", "bucketworks:rootPassword", "bucketworks:kmsKey"]');
  const images = { registry: "registry.example/team", build: ["minio", "workloads"] };
  const attempt = program(images, { "bucketworks:target": "kubernetes", "bucketworks:kmsKey": KMS_KEY });
  await expect(attempt).rejects.toThrow(
    /^bucketworks:server asks for minio in namespace mlops, .* in namespace elsewhere:/,
  );
  expect(made.map(({ type }) => type)).toEqual(["pulumi:index:Stash"]);
});

test("the registry's password is a secret from the stack's settings on, and refused in plaintext", async () => {
  const images = { registry: "registry.example/team", build: ["workloads"] };
  const login = { "bucketworks:imagesUser": "ci", "bucketworks:imagesPassword": "very-secret" };
  await expect(program(images, login)).rejects.toThrow(/^bucketworks:imagesPassword is written in plaintext; /);
  vi.resetModules();
  vi.stubEnv(
    "PULUMI_CONFIG_SECRET_KEYS",
    '["bucketworks:rootUser", "bucketworks:rootPassword", "bucketworks:imagesPassword"]',
  );
  await program(images, login);
  await vi.waitFor(() => expect(typesOf("docker:")).not.toEqual([]));
  const image = made.find(({ type }) => type.startsWith("docker:"));
  expect(JSON.stringify(image?.inputs.registry)).toContain("1b47061264138c4ac30d75fd1eb44270");
});

test("wrong settings of images end the program with what fixes them", async () => {
  await expect(program({ registry: "https://registry.example", build: ["minio"] })).rejects.toThrow(
    /^bucketworks:images\.registry must be a registry and a path in it, without scheme and tag, got "https:/,
  );
  expect(made).toEqual([]);
});

test.each([
  ["none", "", /^the stack has no key .* where an earlier server left volumes put its key back, .*\.data\.kms-key/],
  ["one of another form", "k:c2VjcmV0", /^bucketworks:kmsKey must be NAME:KEY, a name and base64 of exactly 32 /],
  [
    "one in plaintext",
    KMS_KEY,
    /^bucketworks:kmsKey stands in plaintext in the stack's file; .* else keep it, and encrypt it: /,
  ],
] as const)(
  "a server with a key of its encryption that is %s is refused, and the key isn't shown",
  async (_, key, words) => {
    const attempt = program({}, { "bucketworks:target": "kubernetes", "bucketworks:kmsKey": key });
    await expect(attempt).rejects.toThrow(words);
    await expect(attempt).rejects.not.toThrow(/c2VjcmV0|BwcH/);
  },
);
