import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Cluster } from "../../toolchain/offline/kubernetes-plugin/cluster.ts";
import { failureOf, Plugin } from "../support/plugin.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";

let plugin: Plugin;
let folder: string;

beforeAll(async () => {
  folder = temporaryFolder();
  plugin = await Plugin.start();
});
afterAll(() => plugin.stop());

describe("a file that the provider is told to read and can't is one sentence, for the engine's user", () => {
  test.each([
    ["a folder", () => folder, "is a folder where a file must be (EISDIR); move the folder away, then run it again"],
    ["missing", () => join(folder, "gone"), "isn't there, or is a link to nothing (ENOENT); put it back"],
  ])("caFile: %s", async (_what, caFile, words) => {
    const args = { endpoint: "127.0.0.1:1", rootUser: "u", rootPassword: "p", caFile: caFile() };
    for (const call of [() => plugin.checkConfig(args), () => plugin.configure(args)]) {
      const said = await call().then(
        () => "taken",
        (error: unknown) => failureOf(error).message,
      );
      expect(said).toContain(`${caFile()}: ${words}`);
      expect(said).not.toMatch(/illegal operation|\n|at /);
    }
  });
});

describe("a kubeconfig that the stand-in for Kubernetes can't read is one sentence", () => {
  const made = (kubeconfig?: string) => () => new Cluster({ kubeconfig, context: undefined });

  test.each([
    [
      "a folder",
      () => folder,
      /^the kubeconfig can't be read: \S[^:]*: is a folder where a file must be \(EISDIR\);.* \(KUBECONFIG names it/,
    ],
    ["missing", () => join(folder, "gone"), /^the kubeconfig (can't be read|names no cluster)/],
    [
      "no YAML",
      () => {
        writeFileSync(join(folder, "garbled"), "a: [1\nb: }");
        return join(folder, "garbled");
      },
      /^the kubeconfig can't be read: \S[^\n]* \(KUBECONFIG names it/,
    ],
  ])("KUBECONFIG: %s", (_what, path, words) => {
    const before = process.env.KUBECONFIG;
    onTestFinished(() => {
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
    });
    mkdirSync(folder, { recursive: true });
    process.env.KUBECONFIG = path();
    expect(made()).toThrow(words);
  });
});
