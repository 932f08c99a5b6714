import { describe, expect, test } from "vitest";
import { finding } from "../../scan/compare/findings.ts";
import type { Finding } from "../../scan/finding.ts";
import { applyIgnores, parseIgnoreFile } from "../../scan/ignore.ts";

const TODAY = "2026-12-01";
const ENTRY = "{kind: bucket, name: scratch, owner: ada, reason: by hand, expires: 2027-01-31}";
const entries = (...lines: string[]) => `ignore:\n${lines.map((line) => `  - ${line}\n`).join("")}`;

function parsed(...lines: string[]) {
  const file = parseIgnoreFile("ignore.yaml", entries(...lines), TODAY);
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

test("what is critical is left out by its exact name alone, never by how names begin", () => {
  const root = { ...found("service account", "ci-root"), severity: "critical" as const };
  const open = { ...found("public grant", "scratch"), severity: "critical" as const };
  const like = parsed(ENTRY.replace("kind: bucket, name: scratch", 'kind: service account, name: "ci-*"'));
  expect(applyIgnores([root, found("service account", "ci-2")], like, TODAY)).toMatchObject({
    findings: [root],
    ignored: 1,
  });
  const exactly = parsed(
    ENTRY.replace("bucket", "public grant"),
    ENTRY.replace("kind: bucket, name: scratch", "kind: service account, name: ci-root"),
  );
  expect(applyIgnores([root, open], exactly, TODAY)).toMatchObject({ findings: [], ignored: 2 });
});

describe("an entry that hides more than somebody can answer for is refused:", () => {
  test.each<[string, string, string]>([
    ["bucket", "*", 'leaves out every bucket, got "*"; write the name, or how yours begin: "team-b-*"'],
    ["policy", "**", 'leaves out every policy, got "**"'],
    ["user", "?*", 'leaves out every user, got "?*"'],
    ["tier", "*?*", "leaves out every tier"],
    ["public grant", "*", "leaves out every public grant"],
    ["attachment", "user *", "leaves out every attachment"],
    ["attachment", "g*", "leaves out every attachment"],
    ["public grant", "open-*", 'what anyone may do is left out by its exact name alone, got "open-*"'],
  ])("%s %s", (kind, name, words) => {
    const file = parseIgnoreFile(
      "ignore.yaml",
      entries(ENTRY.replace("kind: bucket, name: scratch", `kind: ${kind}, name: "${name}"`)),
      TODAY,
    );
    expect(file).toMatchObject({ ok: false });
    expect(file.ok ? "" : file.lines.join("\n")).toContain(`ignore[0].name: ${words}`);
  });

  test.each([
    ["2027-12-02", "ok"],
    ["2027-12-03", "refused"],
    ["9999-12-31", "refused"],
  ])("on 2026-12-01 one that expires on %s is %s", (expires, outcome) => {
    const file = parseIgnoreFile("ignore.yaml", entries(ENTRY.replace("2027-01-31", expires)), TODAY);
    const words = `must be 2027-12-02 at the latest, 366 days ahead, got "${expires}"; renew it then`;
    expect(file.ok ? "ok" : file.lines).toEqual(
      outcome === "ok" ? "ok" : [`ignore.yaml:2:64 ignore[0].expires: ${words}`],
    );
  });

  test.each([
    ["user", "team-?*"],
    ["attachment", "user ada/*"],
    ["membership", "staff/*"],
    ["user", "?"],
  ])("but not %s %s", (kind, name) => {
    expect(parsed(ENTRY.replace("kind: bucket, name: scratch", `kind: ${kind}, name: "${name}"`))).toHaveLength(1);
  });
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
    const file = parseIgnoreFile("ignore.yaml", text, TODAY);
    expect(file.ok ? "" : file.lines.join("\n")).toMatch(words);
  });
});
