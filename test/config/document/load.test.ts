import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadSpec, MAX_FILE_BYTES, parseSpec, platformName } from "../../../config/document/load.ts";
import { nodeAt } from "../../../config/document/source-tree.ts";
import { faultsOf, judgeTexts } from "../../support/spec.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("bytes", () => {
  test("a file of exactly 1 MiB is read, one byte more is not", () => {
    const padded = `metadata: {version: v1}\n`.padEnd(MAX_FILE_BYTES, "#");
    expect(loadSpec("a.yaml", bytes(padded)).issues).toEqual([]);
    const [issue] = loadSpec("a.yaml", bytes(`${padded}#`)).issues;
    expect(issue).toMatchObject({
      code: "too-large",
      line: 0,
      message: "file has 1048577 bytes, allowed are 1048576 (1 MiB)",
    });
  });

  test("a byte that is no UTF-8 is named with its line and column", () => {
    const latin1 = Uint8Array.from([...bytes("metadata:\n  é: "), 0xe9, ...bytes("\n")]);
    const loaded = loadSpec("a.yaml", latin1);
    expect(loaded.document).toBeNull();
    expect(loaded.issues).toMatchObject([
      { code: "not-utf8", line: 2, column: 6, message: "byte 17 is not UTF-8 text" },
    ]);
  });

  test("UTF-16 is refused, a UTF-8 byte order mark is not", () => {
    expect(loadSpec("a.yaml", Uint8Array.from([0xff, 0xfe, 0x61, 0])).issues).toMatchObject([
      { code: "not-utf8", line: 1, column: 1 },
    ]);
    const marked = Uint8Array.from([0xef, 0xbb, 0xbf, ...bytes("metadata: {version: v1}\n")]);
    expect(loadSpec("a.yaml", marked).issues).toEqual([]);
  });
});

describe("aliases", () => {
  test("an alias stands for its value", () => {
    const text = "metadata: {naming_exceptions: &x [a], version: &v v1, description: *v}\n";
    const loaded = parseSpec("a.yaml", text);
    expect(loaded.issues).toEqual([]);
    expect(loaded.document && nodeAt(loaded.document.root, ["metadata", "description"])).toMatchObject({ value: "v1" });
  });

  test("an alias bomb is one fault, found at once", () => {
    const levels = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef", "fg", "gh", "hi"].map((pair) => [...pair])) {
      levels.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(", ")}]`);
    }
    const started = Date.now();
    const { issues } = parseSpec("a.yaml", `${levels.join("\n")}\n`);
    expect(issues.map(({ code }) => code)).toEqual(["bad-alias"]);
    expect(issues[0]?.message).toBe("aliases repeat more than 10000 values in this file");
    expect(Date.now() - started).toBeLessThan(2000);
  });
});

describe("depth", () => {
  test.each([
    ["[", 400_000],
    ["{a: ", 200_000],
    ["- ", 400_000],
    ["? ", 400_000],
  ])("%s nested without end is refused, not survived by luck", (open, count) => {
    const { document, issues } = parseSpec("a.yaml", open.repeat(count));
    expect(document).toBeNull();
    expect(issues.map(({ code }) => code)).toEqual(["too-deep"]);
  });

  test("the place of the depth is named where it begins to be too much", () => {
    const { issues } = parseSpec("a.yaml", `a: 1\nb: ${"[".repeat(65)}`);
    expect(issues).toMatchObject([{ line: 2, column: 68 }]);
  });
});

test("YAML 1.1 is refused, since it reads the same text otherwise", () => {
  expect(faultsOf("%YAML 1.1\n---\nmetadata: {version: v1}\n")).toEqual([
    "1:1 yaml-syntax the file asks for YAML 1.1, read is 1.2; remove the %YAML line",
  ]);
});

test("a platform is named by its file, whatever the folder", () => {
  expect(platformName("config/platforms/usdcop.yaml")).toBe("usdcop");
  expect(platformName("C:\\specs\\ml-security.yml")).toBe("ml-security");
  expect(parseSpec("my platform.yaml", "metadata: {}\n").issues).toMatchObject([
    { code: "platform-name", fix: "rename the file" },
  ]);
});

test("no text makes the judge throw", () => {
  const word = fc.constantFrom(
    "bucket_groups",
    "buckets",
    "name",
    "lifecycle",
    "access",
    "policies",
    "grants",
    "users",
    "tags",
    "environments",
    "dev",
    "null",
    "-1",
    "'x'",
  );
  const mark = fc.constantFrom(
    ": ",
    "\n",
    "\n  ",
    "\n      ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    ", ",
    "#",
    "!t ",
    `\${X}`,
    "? ",
  );
  const text = fc
    .array(fc.oneof(word, mark, fc.string({ maxLength: 4 })), { maxLength: 40 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (given) => {
      for (const issue of judgeTexts({ "a.yaml": given }, { stage: "dev" }).issues) {
        expect(issue.message).not.toBe("");
        expect(issue.fix).not.toBe("");
      }
    }),
    { numRuns: 500 },
  );
});
