import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ROOT } from "../support/cli.ts";

const REGISTRY = "registry.example/team";
let root: string;
let commit: string;

/** Keeps what it is called with, a line a call, and what it reads. */
const DOCKER = '#!/bin/sh\necho "$*" >>"$CALLS"\n[ "$1" != login ] || cat >>"$CALLS.secret"\nexit "$DOCKER_ENDS"\n';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "bucketworks-push-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@t.example", ...args], {
      encoding: "utf8",
    });
  for (const program of ["cybersec", "dataops"]) {
    mkdirSync(join(root, "pipelines", program), { recursive: true });
    writeFileSync(join(root, "pipelines", program, "Dockerfile"), "FROM scratch\n");
  }
  copyFileSync(join(ROOT, "pipelines/images.sh"), join(root, "pipelines/images.sh"));
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "bin/docker"), DOCKER);
  chmodSync(join(root, "bin/docker"), 0o755);
  git("init", "-q");
  git("add", "pipelines");
  git("commit", "-qm", "one");
  commit = git("rev-parse", "HEAD").trim();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => rmSync(join(root, "calls"), { force: true }));

function images(what: "build" | "push", env: Record<string, string> = { IMAGE_REGISTRY: REGISTRY }) {
  const PATH = `${join(root, "bin")}:${process.env.PATH}`;
  const CALLS = join(root, "calls");
  const done = spawnSync("sh", [join(root, "pipelines/images.sh"), what], {
    encoding: "utf8",
    env: { PATH, CALLS, DOCKER_ENDS: "0", ...env },
  });
  const calls = existsSync(CALLS) ? readFileSync(CALLS, "utf8").trim().split("\n") : [];
  return { code: done.status, stdout: done.stdout, stderr: done.stderr, calls };
}

test("both images are built for the full commit, which is argument and tag (DO-044, DO-045, DO-069)", () => {
  const { code, calls } = images("build");
  expect(code).toBe(0);
  expect(calls).toEqual(
    ["cybersec", "dataops"].map(
      (program) =>
        `build --build-arg GIT_COMMIT_HASH=${commit} --file pipelines/${program}/Dockerfile --tag ${REGISTRY}/${program}:${commit} pipelines`,
    ),
  );
});

test("another processor and another home are asked for by variables (DO-048, DO-065)", () => {
  const { calls } = images("build", { IMAGE_REGISTRY: REGISTRY, IMAGE_PLATFORM: "linux/amd64", HOME_DIR: "/srv/work" });
  expect(calls[1]).toMatch(
    /^build --platform linux\/amd64 --build-arg GIT_COMMIT_HASH=\w+ --build-arg HOME_DIR=\/srv\/work /,
  );
});

test("a push tells each reference that is there, and logs in by what nobody sees in a list of processes (DO-070)", () => {
  const login = { IMAGE_REGISTRY: REGISTRY, IMAGE_REGISTRY_USER: "ci", IMAGE_REGISTRY_PASSWORD: "very-secret" };
  const { code, stdout, calls } = images("push", login);
  expect(code).toBe(0);
  expect(calls).toEqual([
    "login --username ci --password-stdin registry.example",
    `push --quiet ${REGISTRY}/cybersec:${commit}`,
    `push --quiet ${REGISTRY}/dataops:${commit}`,
  ]);
  expect(readFileSync(join(root, "calls.secret"), "utf8")).toBe("very-secret");
  expect(stdout).toBe(
    ["cybersec", "dataops"].map((program) => `Successfully pushed ${REGISTRY}/${program}:${commit}\n`).join(""),
  );
});

test("a push that the registry refuses is not told as done", () => {
  const { code, stdout } = images("push", { IMAGE_REGISTRY: REGISTRY, DOCKER_ENDS: "1" });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
});

test("without a registry, and with changes that no commit has, nothing is built", () => {
  expect(images("build", {})).toMatchObject({
    code: 1,
    calls: [],
    stderr: expect.stringContaining("IMAGE_REGISTRY is not set"),
  });
  writeFileSync(join(root, "pipelines/dataops/Dockerfile"), "FROM scratch\nUSER 1000\n");
  const { code, stderr, calls } = images("build");
  expect(stderr).toMatch(/^images: pipelines\/ holds changes that no commit has, .* commit or stash them first$/m);
  expect({ code, calls }).toEqual({ code: 1, calls: [] });
});
