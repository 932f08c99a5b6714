import { describe, expect, test } from "vitest";
import { finding } from "../../scan/compare/findings.ts";
import type { Finding } from "../../scan/finding.ts";
import { applyIgnores, parseIgnoreFile } from "../../scan/ignore.ts";

const ENTRY = "{kind: bucket, name: scratch, owner: ada, reason: by hand, expires: 2027-01-31}";
const entries = (...lines: string[]) => `ignore:\n${lines.map((line) => `  - ${line}\n`).join("")}`;

function parsed(...lines: string[]) {
  const file = parseIgnoreFile("ignore.yaml", entries(...lines));
  if (!file.ok) throw new Error(file.lines.join("\n"));
  return file.entries;
}

function found(kind: Finding["subject"]["kind"], name: string): Finding {
  return finding("unmanaged", { kind, name }, { severity: "medium", platform: null, message: "in no spec" });
}

test("an entry leaves out what it names, exactly or by the beginning of the name, and nothing else", () => {
  const all = [found("bucket", "scratch"), found("bucket", "scratch-2"), found("user", "scratch")];
  expect(applyIgnores(all, parsed(ENTRY), "2027-01-31")).toMatchObject({
    findings: all.slice(1),
    ignored: 1,
    unused: [],
  });
  const star = parsed(ENTRY.replace("name: scratch", 'name: "scratch*"'));
  expect(applyIgnores(all, star, "2027-01-31")).toMatchObject({ findings: all.slice(2), ignored: 2 });
});

test("an entry past its day leaves nothing out and is a finding with its place and owner", () => {
  const { findings, ignored } = applyIgnores([found("bucket", "scratch")], parsed(ENTRY), "2027-02-01");
  expect(ignored).toBe(0);
  expect(findings.map(({ subject }) => subject.kind)).toEqual(["bucket", "ignore entry"]);
  expect(findings[1]?.message).toBe(
    "ignore.yaml:2:5: the entry for bucket scratch expired 2027-01-31; ask ada, then renew or remove it",
  );
});

test("an entry that nothing needed is told", () => {
  expect(applyIgnores([], parsed(ENTRY), "2026-12-01").unused).toMatchObject([
    { name: "scratch", place: "ignore.yaml:2:5" },
  ]);
});

describe("a fault of the file is said with its place:", () => {
  test.each<[string, string, RegExp]>([
    [
      "an unknown key",
      entries(ENTRY.replace("owner", "ownr")),
      /^ignore\.yaml:2:35 ignore\[0\]\.ownr: unknown key, .*did you mean owner\?$/m,
    ],
    [
      "a missing key",
      entries(ENTRY.replace("owner: ada, ", "")),
      /^ignore\.yaml:2:5 ignore\[0\]\.owner: is missing; add owner: who answers/m,
    ],
    [
      "a kind that isn't one",
      entries(ENTRY.replace("bucket", "buckets")),
      /ignore\[0\]\.kind: must be one of bucket, .*got "buckets"/,
    ],
    ["an entry about entries", entries(ENTRY.replace("bucket", "ignore entry")), /\.kind: must be one of bucket/],
    [
      "a day that isn't one",
      entries(ENTRY.replace("01-31", "02-30")),
      /^ignore\.yaml:2:64 ignore\[0\]\.expires: must be a day .*got "2027-02-30"$/m,
    ],
    ["a number for a day", entries(ENTRY.replace("2027-01-31", "2027")), /\.expires: must be a day .*got 2027$/m],
    ["an empty reason", entries(ENTRY.replace("by hand", '""')), /\.reason: must be why it is there, as text, got ""/],
    [
      "text for an entry",
      entries("scratch"),
      /ignore\[0\]: must be a map with kind, name, owner, reason, expires, got "scratch"/,
    ],
    ["no list", "ignore: {}\n", /ignore\.yaml:1:1 ignore: must be a list of entries, got \{\}/],
    ["a list at the top", "- a\n", /ignore\.yaml:1:1 the file: must be/],
    ["no YAML", "ignore: [", /^ignore\.yaml:1:\d+ yaml-syntax/],
    ["an entry twice in a map", "ignore: []\nignore: []\n", /^ignore\.yaml:2:1 duplicate-key/],
  ])("%s", (_, text, words) => {
    const file = parseIgnoreFile("ignore.yaml", text);
    expect(file.ok ? "" : file.lines.join("\n")).toMatch(words);
  });
});
