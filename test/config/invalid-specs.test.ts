import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorCodes } from "../../config/codes.ts";
import { faultsOf } from "../support/spec.ts";

const DIR = join(import.meta.dirname, "../fixtures/specs/invalid");
const files = readdirSync(DIR).sort();

/** Codes about files and their bytes have no place in a fixture's text; load.test.ts and platform-files.test.ts hold them. */
const ELSEWHERE = [
  "unreadable-file",
  "too-large",
  "not-utf8",
  "platform-name",
  "duplicate-platform",
  "unknown-platform",
  "minio-config-differs",
];

describe("each fixture has exactly the faults it ends in", () => {
  test.each(files)("%s", (file) => {
    const text = readFileSync(join(DIR, file), "utf8");
    const expected = [...text.matchAll(/^#! (.*)$/gm)].map((match) => match[1]);
    const stage = /^#stage (.*)$/m.exec(text)?.[1] ?? null;
    const found = faultsOf(text.replaceAll(/^#! .*\n/gm, ""), { stage });
    expect(found).toEqual(expected);
    const code = basename(file, ".yaml");
    expect(found.every((fault) => fault.split(" ").includes(code))).toBe(true);
  });
});

test("each code has a fixture of its name, or a test of its own elsewhere", () => {
  const covered = [...files.map((file) => basename(file, ".yaml")), ...ELSEWHERE];
  expect(covered.sort()).toEqual([...errorCodes].sort());
});
