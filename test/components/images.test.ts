import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { getMonitor } from "@pulumi/pulumi/runtime/settings.js";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { admitted, PlatformImages, sourceRevision } from "../../components/images.ts";
import type { ImageBuilds } from "../../config/stack/image-builds.ts";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

const made: Made[] = [];
const DIGEST = "@sha256:0000";
const IMAGE = "docker:index/image:Image";
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

beforeAll(() => {
  pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      made.push({ type, name, inputs });
      const pushed = type === IMAGE && { repoDigest: `${String(inputs.imageName).replace(/:[^:/]+$/, "")}${DIGEST}` };
      return { id: name, state: { ...inputs, ...pushed } };
    },
    call: ({ inputs }) => inputs,
  });
  // The mocks know no hooks of resources.
  Object.assign(getMonitor() ?? {}, { registerResourceHook: (_: unknown, done: (error: null) => void) => done(null) });
});

beforeEach(() => {
  made.length = 0;
});

const builds: ImageBuilds = {
  registry: "registry.example:5000/team",
  build: ["minio", "workloads", "cybersec"],
  platform: "linux/amd64",
};
const value = <T>(output: pulumi.Output<T>): Promise<T> => new Promise((resolve) => output.apply(resolve));
const images = (): Made[] => made.filter(({ type }) => type === IMAGE);

describe("images of a stack", () => {
  test("are built from their Dockerfiles for the commit and pushed; they answer their references by digest", async () => {
    const { references } = new PlatformImages("images", { builds, login: undefined, revision: () => COMMIT });
    expect(await value(pulumi.output(references))).toEqual({
      minio: `registry.example:5000/team/minio${DIGEST}`,
      workloads: `registry.example:5000/team/workloads${DIGEST}`,
      cybersec: `registry.example:5000/team/cybersec${DIGEST}`,
    });
    const common = { platform: "linux/amd64", args: { GIT_COMMIT_HASH: COMMIT } };
    const pushed = { skipPush: false, buildOnPreview: false };
    expect(images().map(({ inputs }) => inputs)).toEqual([
      {
        imageName: `registry.example:5000/team/minio:${COMMIT}`,
        build: { context: "toolchain/go", dockerfile: "images/minio/Dockerfile", ...common },
        ...pushed,
      },
      {
        imageName: `registry.example:5000/team/workloads:${COMMIT}`,
        build: { context: ".", dockerfile: "images/workloads/Dockerfile", ...common },
        ...pushed,
      },
      {
        imageName: `registry.example:5000/team/cybersec:${COMMIT}`,
        build: { context: "pipelines", dockerfile: "pipelines/cybersec/Dockerfile", ...common },
        ...pushed,
      },
    ]);
  });

  test("that aren't asked for are not made", async () => {
    const only: ImageBuilds = { ...builds, build: ["workloads"] };
    const { references } = new PlatformImages("images", { builds: only, login: undefined, revision: () => COMMIT });
    await value(pulumi.output(references));
    expect(images().map(({ name }) => name)).toEqual(["workloads"]);
    expect(Object.keys(references)).toEqual(["workloads"]);
  });

  test("of uncommitted sources say so in their tag", async () => {
    const revision = () => `${COMMIT}-dirty`;
    const { references } = new PlatformImages("images", { builds, login: undefined, revision });
    await value(pulumi.output(references));
    expect(images()[0]?.inputs.imageName).toBe(`registry.example:5000/team/minio:${COMMIT}-dirty`);
  });

  test("log in where the stack names a user; the password is a secret, also where it comes in plaintext", async () => {
    const login = { user: "ci", password: "very-secret" };
    const { references } = new PlatformImages("images", { builds, login, revision: () => COMMIT });
    await value(pulumi.output(references));
    const registry = images()[0]?.inputs.registry;
    expect(JSON.stringify(registry)).toContain("1b47061264138c4ac30d75fd1eb44270");
    expect(JSON.stringify(registry)).toContain('"server":"registry.example:5000","username":"ci"');
  });
});

describe("the revision of an image", () => {
  test("is the last commit of its own sources, and dirty while they hold more", () => {
    const root = mkdtempSync(join(tmpdir(), "bucketworks-revision-"));
    try {
      const git = (...args: string[]) =>
        execFileSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@t.example", ...args], {
          encoding: "utf8",
        });
      const commit = (file: string): string => {
        writeFileSync(join(root, file), file);
        git("add", file);
        git("commit", "-qm", file);
        return git("rev-parse", "HEAD").trim();
      };
      git("init", "-q");
      const first = commit("one");
      commit("two");
      expect(sourceRevision(["one"], root)).toBe(first);
      writeFileSync(join(root, "two"), "changed");
      expect(sourceRevision(["one"], root)).toBe(first);
      writeFileSync(join(root, "one"), "changed");
      expect(sourceRevision(["one"], root)).toBe(`${first}-dirty`);
      expect(() => sourceRevision(["three"], root)).toThrow("images: no commit holds three; commit them first");
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  test("is unknown outside a clone, which is said with the way out", () => {
    const root = mkdtempSync(join(tmpdir(), "bucketworks-revision-"));
    try {
      expect(() => sourceRevision(["one"], root)).toThrow(
        /^images: git can't tell .*not a git repository.*; run in a clone/,
      );
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

test("the image of workloads is another one with the paths that get into it, and with no other", () => {
  const paths = admitted(readFileSync(".dockerignore", "utf8"));
  expect(paths).toEqual(expect.arrayContaining(["package-lock.json", "cli", "config", "verify"]));
  for (const other of ["docs", "test", "README.md", "index.ts", "components"]) expect(paths).not.toContain(other);
});
