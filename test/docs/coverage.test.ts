import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  coverageRows,
  isPython,
  pythonTitlesIn,
  type Ran,
  type Title,
  titlesIn,
  unproved,
} from "../support/coverage.ts";
import { ROOT } from "../support/toolchain.ts";

/** Requirements of each platform, by the letters of their ids. */
const REQUIREMENTS = { U: 111, M: 74, ML: 111, CS: 70, DO: 75 };
const rows = coverageRows();

function pathsIn(said: string): string[] {
  return [...said.matchAll(/`([\w./-]+\/[\w./-]+|[\w.-]+\.(?:ts|md|yaml))`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !path.startsWith("/"));
}

const known = new Map<string, Title[]>();
function titlesOf(file: string): Title[] {
  const read = isPython(file) ? pythonTitlesIn : titlesIn;
  const titles = known.get(file) ?? read(readFileSync(ROOT + file, "utf8"));
  known.set(file, titles);
  return titles;
}

/** What is wrong with the proofs of rows, by a line each. */
function faultsOf(table: string, read = titlesOf): string[] {
  return coverageRows(table).flatMap(({ id, status, proofs }) => {
    const isProved = status === "done" || status === "partly";
    if (isProved !== proofs.length > 0) return [`${id}: ${status} with ${proofs.length} proofs`];
    return proofs.flatMap(({ file, words }) => {
      if (!existsSync(ROOT + file)) return [`${id}: ${file} isn't there`];
      if (/%[a-z#$]|\$[\w{]/.test(words))
        return [`${id}: "${words}" of ${file} holds a placeholder, which a run fills`];
      const found = read(file).filter(({ text }) => text.includes(words));
      if (found.length !== 1) return [`${id}: ${found.length} titles of ${file} hold "${words}"`];
      return found[0]?.isOff ? [`${id}: "${words}" of ${file} never runs`] : [];
    });
  });
}

test("every requirement of the five platforms has exactly one row", () => {
  const all = Object.entries(REQUIREMENTS).flatMap(([letters, count]) =>
    Array.from({ length: count }, (_, index) => `${letters}-${String(index + 1).padStart(3, "0")}`),
  );
  expect(rows.map(({ id }) => id)).toEqual(all);
});

test("every row has a known status and names paths that exist", () => {
  const faults = rows.flatMap(({ id, status, said }) => {
    if (!["done", "partly", "planned", "declined"].includes(status)) return [`${id}: status ${status}`];
    return pathsIn(said).flatMap((path) => (existsSync(ROOT + path) ? [] : [`${id}: ${path} isn't there`]));
  });
  expect(faults).toEqual([]);
});

test("what is done, and what is there of the rest, is proved by a test that there is", () => {
  expect(faultsOf(readFileSync(`${ROOT}docs/coverage.md`, "utf8"))).toEqual([]);
});

test("no row relies on tests of images, which most runs skip: .ci/run takes no row without proof", () => {
  const relying = rows.filter(({ proofs }) =>
    proofs.some(({ file }) => !isPython(file) && readFileSync(ROOT + file, "utf8").includes("whyNoEngine()")),
  );
  expect(relying.map(({ id }) => id)).toEqual([]);
});

describe("a row is refused", () => {
  const here = `docs/coverage`;
  const title = "every requirement of the five platforms has exactly one row";
  test.each([
    ["without a proof", "| U-001 | done | all |  |", "U-001: done with 0 proofs"],
    ["that is planned and proved", `| U-001 | planned | later | \`${here}\` "${title}" |`, "planned with 1 proofs"],
    ["of a file that isn't there", '| U-001 | done | all | `docs/cover` "every" |', "docs/cover.test.ts isn't there"],
    ["of a title that isn't there", `| U-001 | done | all | \`${here}\` "every wish" |`, "0 titles of"],
    ["of words that a run replaces", `| U-001 | done | all | \`${here}\` "every %s" |`, "holds a placeholder"],
    ["of words in several titles", `| U-001 | partly | some | \`${here}\` "every" |`, 'hold "every"'],
  ])("%s", (_, row, fault) => {
    expect(faultsOf(row)).toEqual([expect.stringContaining(fault)]);
  });

  test.each([
    ["a test", 'test.skip("one", () => undefined);'],
    ["a test that is to be written", 'it.todo("one");'],
    ["a table", 'test.skip.each([1])("one", () => undefined);'],
    ["a group", 'describe.skip("all", () => { test("one", () => undefined); });'],
  ])("whose proof is switched off: %s", (_, text) => {
    expect(faultsOf(`| U-001 | done | all | \`${here}\` "one" |`, () => titlesIn(text))).toEqual([
      'U-001: "one" of test/docs/coverage.test.ts never runs',
    ]);
  });
});

test("tests of Python are found by their names in words, and told when they are switched off", () => {
  const text = [
    "def test_one() -> None:",
    '@pytest.mark.skip(reason="later")',
    "def test_two() -> None:",
    '@pytest.mark.parametrize("a", [',
    "    1,",
    "])",
    "@pytest.mark.skipif(True, reason='x')",
    "def test_three(a: int) -> None:",
    "def helper() -> None:",
  ].join("\n");
  const titles = pythonTitlesIn(text);
  expect(titles.map(({ text: title, isOff }) => [title, isOff])).toEqual([
    ["one", false],
    ["two", true],
    ["three", true],
  ]);
  expect(coverageRows('| U-001 | done | all | `pipelines/a/tests/test_b.py` "it runs" |')[0]?.proofs).toEqual([
    { file: "pipelines/a/tests/test_b.py", words: "it runs" },
  ]);
});

describe("at the end of a run a row is without proof", () => {
  const table = coverageRows('| U-001 | done | all | `a` "pods run" |\n| U-002 | partly | some | `a` "pods run" |');
  const ran = (state: Ran["state"], ...titles: string[]): Ran => ({ file: "test/a.test.ts", titles, state });
  const said = 'without proof: U-001, U-002: test/a.test.ts "pods run"';

  test("where its test was skipped", () => {
    expect(unproved(table, [ran("skipped", "no cluster", "pods run (U-001)")], false)).toEqual([`${said} was skipped`]);
  });

  test("where one test of several was skipped", () => {
    const all = [ran("passed", "pods run", "one"), ran("skipped", "pods run", "two")];
    expect(unproved(table, all, false)).toEqual([`${said} was skipped`]);
  });

  test("where everything ran but its test; a run of some files says nothing of others", () => {
    expect(unproved(table, [ran("passed", "other")], true)).toEqual([`${said} didn't run`]);
    expect(unproved(table, [ran("passed", "other")], false)).toEqual([]);
  });

  test("and not where it passed, nor where it failed, which fails by itself", () => {
    expect(unproved(table, [ran("passed", "pods run")], true)).toEqual([]);
    expect(unproved(table, [ran("failed", "pods run")], true)).toEqual([]);
  });
});
