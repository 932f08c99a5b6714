import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { homeOf } from "../../builders/kubernetes/workloads-image.ts";
import { dockerfileOf, PIPELINE_IMAGES, PROGRAM_IMAGES } from "../../config/values/image.ts";
import { readPins, releaseTag } from "../../toolchain/pins.ts";
import { argDefault } from "../support/images/base-images.ts";
import { ROOT } from "../support/toolchain.ts";
import { imageSources } from "../support/workloads-image.ts";

const pins = readPins(join(ROOT, "toolchain"));

describe("the Dockerfiles", () => {
  it.each(["minio", "mc"] as const)("stamp %s with release and commit of the toolchain's module", (name) => {
    const of = (what: string) => argDefault("images/minio/Dockerfile", `${name.toUpperCase()}_${what}`);
    const { tag, commit } = releaseTag(pins[name].version);
    expect({ tag: of("RELEASE"), commit: of("COMMIT") }).toEqual({ tag, commit });
  });

  it("run the toolchain's Node", () => {
    for (const image of ["workloads", "minio"])
      expect(argDefault(`images/${image}/Dockerfile`, "NODE_IMAGE"), image).toBe(`node:${pins.node}-bookworm-slim`);
  });

  it.each(["workloads", "minio"])("of %s is told its commit, and tells it in a label (DO-046)", (image) => {
    const text = readFileSync(join(ROOT, `images/${image}/Dockerfile`), "utf8");
    const stage = text.slice(text.lastIndexOf("\nFROM "));
    expect(stage).toMatch(/^ARG GIT_COMMIT_HASH$[\s\S]*org\.opencontainers\.image\.revision="\$\{GIT_COMMIT_HASH\}"/m);
  });

  it("of the workloads takes HOME_DIR, with a default, as home and temporary folder (DO-047)", () => {
    expect(argDefault("images/workloads/Dockerfile", "HOME_DIR")).toBe("/home/bucketworks");
    const text = readFileSync(join(ROOT, "images/workloads/Dockerfile"), "utf8");
    expect(text).toMatch(/^RUN mkdir -p -m 1777 "\$\{HOME_DIR\}"/m);
    expect(text).toMatch(/^ENV .*HOME=\$\{HOME_DIR\} TMPDIR=\$\{HOME_DIR\}/m);
  });

  it.each(PROGRAM_IMAGES)("of a data program, %s, has its commit, its home and no special user", (program) => {
    const file = dockerfileOf(program);
    expect(argDefault(file, "HOME_DIR")).toBe(homeOf(program));
    expect(argDefault(file, "PYTHON_IMAGE")).toMatch(/^python:3\.11\.\d+-slim-bookworm$/);
    const text = readFileSync(join(ROOT, file), "utf8");
    const stage = text.slice(text.lastIndexOf("\nFROM "));
    expect(stage).toMatch(/^ARG GIT_COMMIT_HASH$[\s\S]*org\.opencontainers\.image\.revision="\$\{GIT_COMMIT_HASH\}"/m);
    expect(stage).toMatch(/^USER 1000:1000$/m);
    expect(stage).toMatch(/HOME=\$\{HOME_DIR\} TMPDIR=\$\{HOME_DIR\} GIT_COMMIT_HASH=\$\{GIT_COMMIT_HASH\}/);
  });

  it("of experiments takes what that of workloads takes, and the statistics, by their hashes, with the same Node and Python", () => {
    const taken = (file: string): string[] =>
      readFileSync(join(ROOT, file), "utf8")
        .split("\n")
        .filter((line) => /^[!*]/.test(line));
    const more = taken("images/experiments/Dockerfile.dockerignore").filter(
      (line) => !taken(".dockerignore").includes(line),
    );
    expect(taken("images/experiments/Dockerfile.dockerignore")).toEqual(expect.arrayContaining(taken(".dockerignore")));
    expect(more.every((line) => /^!pipelines\/(experiments\/|install-packages\.sh)/.test(line))).toBe(true);
    for (const line of more) expect(existsSync(join(ROOT, line.slice(1))), line).toBe(true);
    const file = dockerfileOf("experiments");
    expect(argDefault(file, "NODE_IMAGE")).toBe(argDefault("images/workloads/Dockerfile", "NODE_IMAGE"));
    expect(argDefault(file, "PYTHON_IMAGE")).toBe(argDefault("pipelines/cybersec/Dockerfile", "PYTHON_IMAGE"));
    const pins = readFileSync(join(ROOT, "pipelines/experiments/requirements.txt"), "utf8");
    for (const pin of pins.split(/\n(?! )/).filter((each) => each !== "")) expect(pin).toContain("--hash=sha256:");
  });

  it.each(PIPELINE_IMAGES)(
    "of a data program, %s, holds the packages that tests run, by their hashes, and none of the tools",
    (program) => {
      // For which systems they are depends on who asks for them.
      const pins = (file: string): string[] => {
        const text = readFileSync(join(ROOT, "pipelines", file), "utf8").replaceAll(/ ; .* \\$/gm, " \\");
        return text.split(/\n(?! )/).filter((pin) => pin !== "");
      };
      const own = pins(`${program}/requirements.txt`);
      // The feature store's tests run in an environment of its own, which is made of the same file.
      if (program !== "features") expect(pins("requirements.txt")).toEqual(expect.arrayContaining(own));
      for (const pin of own) expect(pin).toContain("--hash=sha256:");
      expect(own.filter((pin) => /^(mypy|pytest|ruff)==/.test(pin))).toEqual([]);
    },
  );

  it.each(["mlflow-server", "database-backup"])(
    "of %s, a program of others, has its home, no special user, and packages by their hashes",
    (program) => {
      const file = `pipelines/${program}/Dockerfile`;
      expect(argDefault(file, "HOME_DIR")).toBe(`/pipeline-${program}`);
      expect(argDefault(file, "PYTHON_IMAGE")).toBe(argDefault("pipelines/cybersec/Dockerfile", "PYTHON_IMAGE"));
      expect(readFileSync(join(ROOT, file), "utf8")).toMatch(/^USER 1000:1000$/m);
      const pins = readFileSync(join(ROOT, `pipelines/${program}/requirements.txt`), "utf8");
      for (const pin of pins.split(/\n(?! )/).filter((each) => each !== "")) expect(pin).toContain("--hash=sha256:");
    },
  );

  it("of data programs take in sources alone: no tests, no settings, no data", () => {
    const lines = readFileSync(join(ROOT, "pipelines/.dockerignore"), "utf8").split("\n");
    const said = lines.filter((line) => line !== "" && !line.startsWith("#"));
    expect(said.filter((line) => !line.startsWith("!"))).toEqual(["*", "**/__pycache__"]);
    expect(said.filter((line) => /tests|\.env|\/data$|venv/.test(line))).toEqual([]);
    for (const line of said.filter((each) => each.startsWith("!"))) {
      expect(existsSync(join(ROOT, "pipelines", line.slice(1))), line).toBe(true);
    }
  });

  it("take in nothing of a checkout's own: no settings of stacks, no state, no secrets", () => {
    const lines = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
    expect(lines.filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("!"))).toEqual(["*"]);
    expect(imageSources().filter((name) => /Pulumi|\.bucketworks|\.git|test/.test(name))).toEqual([]);
  });

  it("leave out every package of the Pulumi program", () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { dependencies: object };
    const script = readFileSync(join(ROOT, "images/workloads/install-packages.sh"), "utf8");
    const leftOut = [...script.matchAll(/^ {2}dependencies\.(\S+)/gm)].map(([, name]) => name);
    expect(leftOut).toEqual(
      expect.arrayContaining(Object.keys(dependencies).filter((name) => name.startsWith("@pulumi/"))),
    );
  });
});
