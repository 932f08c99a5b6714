import { expect, test } from "vitest";
import { faultsOf } from "../../support/spec.ts";

const SPEC = `bucket_groups:
  raw:
    layer: raw
    buckets:
      - {name: raw-data, tags: {data_type: raw}, paths: {daily: "date={date}/"}}
access:
  policies:
    reader: {grants: [{role: read, bucket: raw-data, prefixes: [daily/]}]}
  groups:
    team: {policies: [reader]}
  users:
    ann: {policies: [reader], groups: [team]}
  service_accounts:
    ann-job: {user: ann, policies: [reader]}
database:
  name: shop_db
  roles: {report_role: {description: d}}
workloads:
  report: {kind: scheduled_job, schedule: 0 6 * * 1, time_zone: Etc/UTC, command: [report], service_account: ann-job}
environments:
  dev: {bucket_groups: {raw: {retention_days: 3}}}
`;

test("the spec is right with the letters it is meant to have", () => {
  expect(faultsOf(SPEC)).toEqual([]);
});

const A = "U\\+0430 CYRILLIC SMALL LETTER A, which looks like a";
test.each([
  "\u043e\u0441\u0430/",
  "m\u00b2/",
  "2024\u20142025/",
  "O\u2019Brien/",
  "\u21161/",
  "data/\u043e\u0441\u0430/",
])("a prefix is what keys of objects begin with, and a word of another script is one: %s", (prefix) => {
  const given = JSON.stringify(prefix);
  const text = SPEC.replace("prefixes: [daily/]", `prefixes: [${given}]`).replace('"date={date}/"', given);
  expect(faultsOf(text).filter((fault) => fault.includes("a name holds"))).toEqual([]);
});

test("a word of a path that mixes letters is told with the whole as it was meant; what can't be seen is refused", () => {
  const faults = (path: string) => faultsOf(SPEC.replace('"date={date}/"', JSON.stringify(path)));
  expect(faults("raw/d\u0430ily/{date}/")).toContainEqual(
    expect.stringMatching(/U\+0430 .*write "raw\/daily\/\{date\}\/"$/),
  );
  expect(faults("raw/\u200b{date}/")).toContainEqual(expect.stringContaining("a name holds U+200B"));
});

test.each<[kind: string, name: string, written: string, words: string]>([
  ["bucket", "name: raw-data", "name: r\u0430w-data", A],
  ["group of buckets", "  raw:", "  r\u0430w:", A],
  ["layer", "layer: raw", "layer: r\u0430w", A],
  ["bucket of a grant", "bucket: raw-data", "bucket: r\u0430w-data", A],
  ["prefix", "[daily/]", "[d\u0430ily/]", A],
  ["path", 'daily: "date', 'd\u0430ily: "date', A],
  ["tag", "data_type", "d\u0430ta_type", A],
  ["policy", "    reader:", "    re\u0430der:", A],
  ["policy of a group", "team: {policies: [reader]}", "team: {policies: [re\u0430der]}", A],
  ["group", "    team:", "    te\u0430m:", A],
  ["user", "    ann:", "    \u0430nn:", A],
  ["service account", "    ann-job:", "    \u0430nn-job:", A],
  ["user of an account", "{user: ann,", "{user: \u0430nn,", A],
  ["database", "shop_db", "sh\u043ep_db", "U\\+043E CYRILLIC SMALL LETTER O, which looks like o"],
  ["database role", "report_role", "rep\u03bfrt_role", "U\\+03BF GREEK SMALL LETTER OMICRON, which looks like o"],
  ["workload", "  report:", "  r\u0435port:", "U\\+0435 CYRILLIC SMALL LETTER IE, which looks like e"],
  ["stage", "  dev:", "  d\u0435v:", "U\\+0435 CYRILLIC SMALL LETTER IE, which looks like e"],
  ["key of the language", "access:", "\u0430ccess:", A],
  ["name in quotes", "name: raw-data", 'name: "r\u0430w-data"', A],
  ["a dash", "name: raw-data", "name: raw\u2011data", "U\\+2011 NON-BREAKING HYPHEN, which looks like -"],
  ["what nobody sees", "name: raw-data", "name: raw-data\u200b", "U\\+200B ZERO WIDTH SPACE, which looks like nothing"],
  ["what turns the line around", "layer: raw", "layer: raw\u202e", "U\\+202E, which looks like nothing"],
  ["a filler", "layer: raw", "layer: r\u3164aw", "U\\+3164, which looks like nothing"],
  ["full width", "name: raw-data", "name: \uff52aw-data", "U\\+FF52, which looks like r"],
])("the letter, its code point and its place are told, and nothing else: %s", (_, name, written, words) => {
  const text = SPEC.replace(name, written);
  const offset = [...text].findIndex((letter) => letter > "\x7f");
  const before = text.slice(0, offset).split("\n");
  const place = `${before.length}:${(before.at(-1) ?? "").length + 1}`;
  expect(faultsOf(text)).toEqual([
    expect.stringMatching(
      new RegExp(`^${place} bad-character[^;]* a name holds ${words}; (write "[ -~]+"|type the name again.*)$`),
    ),
  ]);
});

test("an escaped letter is told at the name that it stands in", () => {
  expect(faultsOf(SPEC.replace("name: raw-data", 'name: "r\\u0430w-data"'))).toEqual([
    expect.stringMatching(/^5:16 bad-character .*: a name holds U\+0430 CYRILLIC SMALL LETTER A/),
  ]);
  expect(faultsOf(SPEC.replace("layer: raw", 'layer: "raw\\n"'))).toEqual([
    expect.stringMatching(/^3:12 bad-character .*: a name holds U\+000A LINE FEED, .*; write "raw"$/),
  ]);
});

test("a name that stands beside the one it looks like is told once more, as the same", () => {
  const faults = faultsOf(SPEC.replace("    ann: {", "    \u0430nn: {policies: [reader]}\n    ann: {"));
  expect(faults).toEqual([
    expect.stringMatching(/^12:5 bad-character .*U\+0430/),
    expect.stringMatching(/^13:5 duplicate-key /),
  ]);
});

test.each([
  ["a description", "layer: raw", "layer: raw\n    description: \u0430nd \u2014 \u201cso\u201d"],
  ["the value of a tag", "data_type: raw", "data_type: r\u0430w"],
  ["a command", "command: [report]", "command: [report, \u0430]"],
])("text for people and other programs is theirs: %s", (_, name, written) => {
  expect(faultsOf(SPEC.replace(name, written)).filter((fault) => fault.includes("bad-character"))).toEqual([]);
});

test("nothing of what may be a password is shown, not even one letter of it", () => {
  const password = "p\u0430ssword1";
  for (const written of [`{secret_key: ${password}}`, password]) {
    const text = SPEC.replace("    ann: {policies: [reader], groups: [team]}", `    ann: ${written}`);
    expect(faultsOf(text).join("\n")).not.toMatch(/ssword|U\+0430/);
  }
});

test("a word of another script is a word, judged by the rule of its place", () => {
  const faults = faultsOf(SPEC.replace("layer: raw", "layer: \u65e5\u672c"));
  expect(faults.filter((fault) => fault.includes("bad-character"))).toEqual([]);
});
