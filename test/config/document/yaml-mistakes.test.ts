import { describe, expect, test } from "vitest";
import { parseSpec } from "../../../config/document/load.ts";
import { formatIssue } from "../../../config/issues.ts";
import { judgeTexts } from "../../support/spec.ts";

const first = (text: string): string => {
  const [issue] = parseSpec("a.yaml", text).issues;
  return issue === undefined ? "none" : formatIssue(issue);
};

const group = (...lines: string[]): string =>
  ["bucket_groups:", "  raw:", ...lines, "    buckets: [{name: raw-data}]", ""].join("\n");

describe("a mistake in YAML is told in a sentence with its fix, where it is", () => {
  test.each([
    ["no blank after a colon", group("    retention_days:90"), "3:20", "write a blank after the colon"],
    ["the same in a list", "l:\n  - name:raw\n    quota: 1GiB\n", "2:10", "write a blank after the colon"],
    [
      "a colon in text",
      group("    description: raw data: the first layer"),
      "3:18",
      "put the text in quotes where it holds a colon",
    ],
    [
      "a time in text",
      group("    description: from 10: 30 on"),
      "3:18",
      "put the text in quotes where it holds a colon",
    ],
    [
      "braces at the start of text",
      group("    paths: {d: x}", "    daily: {date}/x/"),
      "4:12",
      "put the whole text in quotes",
    ],
    ["brackets at the start of text", group("    description: [draft] raw"), "3:18", "put the whole text in quotes"],
    ["a star", group("    owner: *"), "3:12", 'put it in quotes: "*"'],
    ["a star in a list", "l: [a, *]\n", "1:8", 'put it in quotes: "*"'],
    ["a no-break space", group("    retention_days:\u00a090"), "3:20", "U+00A0 looks like a blank"],
    ["an ideographic space", group("    retention_days:\u300090"), "3:20", "U+3000 looks like a blank"],
    [
      "conflict markers",
      "a:\n<<<<<<< HEAD\n  b: 1\n=======\n  b: 2\n>>>>>>> other\n",
      "2:1",
      "remove the lines <<<<<<<, ======= and >>>>>>>",
    ],
    ["a template", "{{- if .Values.x }}\na: 1\n", "1:1", "braces of a template"],
    ["a template's statement", "{% for x in y %}\na: 1\n", "1:1", "braces of a template"],
    ["line ends of an old Mac", "a:\r  b:\r    c: 1\r", "1:3", "save the file with line ends LF"],
    ["a tab", "a:\n\tb: 1\n", "2:1", "indent with blanks"],
    ["an open quote", 'a: "b\n', "2:1", "close quotes and brackets"],
    ["an open bracket", "a: [b, c\n", "2:1", "close each [ and {"],
    ["other indentation", "a:\n  b: 1\n c: 2\n", "3:1", "indent it like its neighbours"],
    ["an escape that is none", 'a: "\\q"\n', "1:5", "write two backslashes"],
    ["a reserved character", "a: @b\n", "1:4", "put the whole text in quotes"],
    ["text after a quote", "a: 'it's'\n", "1:8", "put the whole text in quotes"],
    ["text behind a block's sign", "a: >fast\n", "1:4", "that begins with | or > is a block"],
  ])("%s", (_, text, place, words) => {
    const found = first(text);
    expect(found).toMatch(new RegExp(`^a\\.yaml:${place} yaml-syntax `));
    expect(found).toContain(words);
    expect(found).not.toMatch(/implicit|compact mapping|scalar|node end|token|flow/i);
  });
});

test.each([
  [
    "a template's value",
    "bucket_groups: {raw: {owner: {{ team }}}}\n",
    /^a\.yaml:1:31 bad-key .*: a map stands where a key belongs, as in {{ }} of a template; /,
  ],
  [
    "curly quotes",
    group("    owner: \u201cteam\u201d"),
    /^a\.yaml:3:12 bad-character .*: text stands in the quotation mark U\+201C, which is part of it; write straight quotes$/,
  ],
  ["single curly quotes", group("    owner: \u2018team\u2019"), /: text stands in the quotation mark U\+2018, /],
])("%s is text or a map to YAML, and a mistake to us", (_, text, words) => {
  expect(first(text)).toMatch(words);
});

test("curly quotes inside a text are text", () => {
  expect(first(group("    description: the \u201craw\u201d layer"))).toBe("none");
  expect(first(group("    description: \u201craw\u201d and \u201cclean\u201d"))).toBe("none");
});

describe("no text of the file is shown from where a password may stand", () => {
  const CANARY = "S3cretCanary";
  const shapes = [
    "*X",
    "!X",
    "|X",
    ">X1",
    "!!X x",
    "*X!",
    "!<X> y",
    "&X &Y z",
    "*X y",
    "{X",
    "[X",
    '"X',
    "'X",
    '"X\\q"',
    "@X",
    "`X",
    "%X",
    "{X}y",
    "X: y: z",
    "!X {a: 1}",
    "{X: 1, X: 2}",
    "[*X]",
    "X: {Y: *X}",
    "*X: 1",
    "? X",
    "- X",
    "|2X",
    "{{ X }}",
  ];
  const places = [
    "minio_config: {endpoint: 'm:9000'}\nenvironments:\n  production:\n    minio_config:\n      secret_key: ",
    "minio_config:\n  endpoint: m:9000\n  access_key: someuser\n  secret_key: ",
    "minio_config:\n  endpoint: m:9000\n  access_key: ",
    "access:\n  users:\n    ann: ",
    "access:\n  users:\n    ann:\n      password: ",
    "access:\n  service_accounts:\n    job:\n      user: ann\n      token: ",
  ];
  test.each(places)("%s", (place) => {
    for (const shape of shapes) {
      const text = `${place}${shape.replaceAll("X", CANARY)}\n`;
      const shown = judgeTexts({ "a.yaml": text }, { env: {} }).issues.map(formatIssue).join("\n");
      expect(shown, text).not.toContain(CANARY);
    }
  });
});
