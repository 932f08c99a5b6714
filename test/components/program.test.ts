import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StackOutputs } from "../../components/outputs.ts";

const made: string[] = [];
const sdk = { loaded: false };

vi.mock("@pulumi/docker/image.js", async (original) => {
  sdk.loaded = true;
  return original();
});

beforeEach(() => {
  made.length = 0;
  sdk.loaded = false;
  vi.resetModules();
  vi.stubEnv("PULUMI_CONFIG_SECRET_KEYS", '["bucketworks:rootPassword"]');
});

afterEach(() => void vi.unstubAllEnvs());

/** Runs the whole program as stage dev on a server somewhere. */
async function program(images: object): Promise<StackOutputs> {
  pulumi.runtime.setAllConfig({
    "bucketworks:endpoint": "minio.example:9000",
    "bucketworks:rootUser": "root",
    "bucketworks:rootPassword": "password",
    "bucketworks:platforms": '["usdcop"]',
    "bucketworks:images": JSON.stringify(images),
  });
  const newResource = ({ type, name, inputs }: pulumi.runtime.MockResourceArgs) => {
    made.push(type);
    return { id: name, state: { ...inputs, repoDigest: `${name}@sha256:0` } };
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
  expect(made.filter((type) => type.startsWith("docker:"))).toEqual([]);
  expect(outputs).not.toHaveProperty("images");
}, 30_000);

test("a stack that asks for images makes them and answers them by digest", async () => {
  const outputs = await program({ registry: "registry.example/team", build: ["workloads"] });
  const { images } = await new Promise<{ images: unknown }>((resolve) =>
    pulumi.output({ images: outputs.images }).apply(resolve),
  );
  expect(images).toEqual({ workloads: "workloads@sha256:0" });
  expect(made.filter((type) => type.startsWith("docker:"))).toEqual(["docker:index/image:Image"]);
}, 30_000);
