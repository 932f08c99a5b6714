import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPlatforms, platformText } from "../../../config/document/platform-files.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "specs-"));
  for (const name of ["b.yaml", "a.yml", "notes.md", ".hidden.yaml"])
    writeFileSync(join(dir, name), "metadata: {version: v1}\n");
  mkdirSync(join(dir, "other"));
  writeFileSync(join(dir, "other", "b.yaml"), "metadata: {version: v1}\n");
  mkdirSync(join(dir, "empty"));
});
afterAll(() => rmSync(dir, { recursive: true }));

describe("a folder", () => {
  test("gives its .yaml and .yml files, sorted by platform", () => {
    const { documents, issues } = loadPlatforms({ dir });
    expect(documents.map(({ platform }) => platform)).toEqual(["a", "b"]);
    expect(issues).toEqual([]);
  });

  test("without a spec is a fault, never a stack without buckets", () => {
    const { issues } = loadPlatforms({ dir: join(dir, "empty") });
    expect(issues).toMatchObject([{ code: "unreadable-file", message: "holds no .yaml file" }]);
  });

  test("gives the platforms asked for; a name without a file is a fault with the nearest one", () => {
    const { documents, issues } = loadPlatforms({ dir }, ["b"]);
    expect(documents.map(({ platform }) => platform)).toEqual(["b"]);
    expect(issues).toEqual([]);
    expect(loadPlatforms({ dir }, ["usdcop"]).issues).toMatchObject([
      {
        code: "unknown-platform",
        message: 'platform "usdcop" has no file, there are a, b',
        fix: "fix the name, or add the file",
      },
    ]);
  });
});

describe("files by name", () => {
  test("a file named twice is read once (U-097)", () => {
    const file = join(dir, "b.yaml");
    expect(loadPlatforms({ files: [file, file] }).documents).toHaveLength(1);
  });

  test("two files of one platform are a fault that names both", () => {
    const files = [join(dir, "b.yaml"), join(dir, "other", "b.yaml")];
    const { documents, issues } = loadPlatforms({ files });
    expect(documents).toHaveLength(1);
    expect(issues).toMatchObject([
      { code: "duplicate-platform", file: files[1], message: `platform "b" is ${files[0]} already` },
    ]);
  });

  test("a missing file and a folder are faults that say so, the rest is read", () => {
    const { documents, issues } = loadPlatforms({
      files: [join(dir, "gone.yaml"), join(dir, "other"), join(dir, "b.yaml")],
    });
    expect(documents).toHaveLength(1);
    expect(issues.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      "unreadable-file: can't be read: no such file",
      "unreadable-file: can't be read: is a folder, not a file",
    ]);
  });
});

test("a platform's text is that of its file, .yaml or .yml", () => {
  expect(platformText(dir, "a")).toBe("metadata: {version: v1}\n");
  expect(platformText(dir, "b")).toBe("metadata: {version: v1}\n");
  expect(() => platformText(dir, "c")).toThrow(/ has no file of platform c; add c\.yaml$/);
});
