import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accountPolicySizes } from "../../builders/account-policy-size.ts";
import { type ErrorCode, errorCodes } from "../../config/error-codes.ts";
import { checkSpecs, formatIssue, type SpecIssue } from "../../config/spec.ts";

const DIR = join(import.meta.dirname, "../fixtures/invalid");

/** `code.yaml` or `code.variant.yaml`. It ends in its faults, a line `#! line:column code path: message; fix` for each. */
const files = readdirSync(DIR).sort();
const codeOf = (file: string): string => file.split(".")[0] ?? "";

/** Codes that no text of a single file can provoke; load, platform-files and stack tests hold them. */
const NOT_BY_TEXT: Readonly<Partial<Record<ErrorCode, string>>> = {
  "unreadable-file": "there is no file to read",
  "refused-file": "no file refuses root",
  "too-large": "a file of more than 1 MiB",
  "not-utf8": "bytes that are no text",
  "platform-name": "the file's name is the fault",
  "duplicate-platform": "needs two files of one name",
  "unknown-platform": "the stack's configuration is the fault",
  "minio-config-differs": "needs two files",
  "service-differs": "needs two files",
  "replication-to-itself": "the stack's configuration is the fault",
};

function issuesOf(file: string): readonly SpecIssue[] {
  const stage = /^#stage (.*)$/m.exec(textOf(file))?.[1] ?? null;
  return checkSpecs({ files: [join(DIR, file)], stage, env: {}, rules: [accountPolicySizes] }).issues;
}

function textOf(file: string): string {
  return readFileSync(join(DIR, file), "utf8");
}

describe("each fixture has exactly the faults it ends in, one of them its own code", () => {
  test.each(files)("%s", (file) => {
    const expected = [...textOf(file).matchAll(/^#! (.*)$/gm)].map((match) => match[1]);
    const issues = issuesOf(file);
    const found = issues.map((issue) => formatIssue(issue).replaceAll(/\S*\.yaml[: ]/g, ""));
    expect(found).toEqual(expected);
    expect(issues.map(({ code }) => code)).toContain(codeOf(file));
  });
});

test("there are sixty and more, and one for each code that a text can provoke", () => {
  expect(files.length).toBeGreaterThanOrEqual(60);
  const covered = [...new Set(files.map(codeOf)), ...Object.keys(NOT_BY_TEXT)];
  expect(covered.sort()).toEqual([...errorCodes].sort());
});

test("each fault has a place, says what is wrong and what to do", () => {
  for (const issue of files.flatMap(issuesOf)) {
    expect(issue.line > 0 || issue.code === "empty-file").toBe(true);
    expect(issue.message).toMatch(/\S/);
    expect(issue.fix).toMatch(/\S/);
  }
});

test("no fault shows what a file holds as a secret", () => {
  const secret = /(?:access_key|secret_key|password): "?([^\s,}"]+)|(canary-\w+)/g;
  for (const file of files) {
    const text = textOf(file).replaceAll(/^#! .*$/gm, "");
    const secrets = [...text.matchAll(secret)].flatMap(([, value, canary]) => value ?? canary ?? []);
    const shown = issuesOf(file).map(formatIssue).join("\n");
    for (const value of secrets) expect(shown).not.toContain(`"${value}`);
    expect(shown).not.toMatch(/canary-(?:one|two)/);
  }
});
