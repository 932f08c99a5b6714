import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
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
