import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "./toolchain.ts";

/** A row of docs/coverage.md. */
export interface Row {
  readonly id: string;
  readonly status: string;
  /** What is there, what is missing, or the reason. */
  readonly said: string;
  readonly proofs: readonly Proof[];
}

/** The tests that a row relies on: a file, from the project's root, and words of one title in it. */
export interface Proof {
  readonly file: string;
  readonly words: string;
}

/** A title as it stands in a test file, placeholders and all, of a test or of a `describe`. */
export interface Title {
  readonly text: string;
  /** Never run: `skip` or `todo`, its own or of what it stands in. */
  readonly isOff: boolean;
}

/** A test of a run, with the titles of what it stands in. */
export interface Ran {
  readonly file: string;
  readonly titles: readonly string[];
  readonly state: "passed" | "failed" | "skipped" | "pending";
}

/** @returns the rows of the table in `text`; a row with another number of columns has none */
export function coverageRows(text = readFileSync(join(ROOT, "docs/coverage.md"), "utf8")): Row[] {
  const rows = text.matchAll(/^\| ([A-Z]+-\d{3}) \|([^|]*)\|([^|]*)\|([^|]*)\|$/gm);
  return [...rows].map(([, id = "", status = "", said = "", proof = ""]) => {
    const proofs = [...proof.matchAll(/`([^`]+)` "([^"]+)"/g)].map(([, file = "", words = ""]) => ({
      file: isPython(file) ? file : `test/${file}.test.ts`,
      words,
    }));
    return { id, status: status.trim(), said: said.trim(), proofs };
  });
}

/** Whether a file has Python's tests: it is named by its whole path, `pipelines/cybersec/tests/test_faults.py`. */
export function isPython(file: string): boolean {
  return file.endsWith(".py");
}

/** The title of a Python test: its name in words, `test_a_wrong_key[case]` is "a wrong key[case]". */
export function pythonTitle(name: string): string {
  return name.replace(/^test_/, "").replaceAll("_", " ");
}

/** As `titlesIn`, of Python's tests. */
export function pythonTitlesIn(text: string): Title[] {
  const tests = text.matchAll(/((?:^@.*\n(?:^[ )\]].*\n)*)*)^(?:async )?def (test_\w+)\(/gm);
  return [...tests].map(([, marks = "", name = ""]) => ({
    text: pythonTitle(name),
    isOff: /^@pytest\.mark\.(skip|skipif|xfail)\b/m.test(marks),
  }));
}

/** The titles of a test file, as its text has them: one that is made when it runs isn't among them. */
export function titlesIn(text: string): Title[] {
  const titles: Title[] = [];
  const visit = (node: ts.Node, isOff: boolean): void => {
    const words = ts.isCallExpression(node) ? modifiers(node.expression) : [];
    const off = isOff || words.some((word) => word === "skip" || word === "todo");
    const [first] = ts.isCallExpression(node) ? node.arguments : [];
    if (words.length > 0 && first !== undefined && ts.isStringLiteralLike(first)) {
      titles.push({ text: first.text, isOff: off });
    }
    ts.forEachChild(node, (child) => visit(child, off));
  };
  visit(ts.createSourceFile("a.test.ts", text, ts.ScriptTarget.Latest), false);
  return titles;
}

/** `test.skip`, `describe.each(table)` and so on, as words; none where something else is called. */
function modifiers(called: ts.Expression): string[] {
  if (ts.isIdentifier(called)) return ["test", "it", "describe"].includes(called.text) ? [called.text] : [];
  if (ts.isCallExpression(called)) return modifiers(called.expression);
  if (!ts.isPropertyAccessExpression(called)) return [];
  const words = modifiers(called.expression);
  return words.length === 0 ? [] : [...words, called.name.text];
}

/**
 * What a run leaves without proof: rows that rely on tests that were skipped or, in a run of everything, weren't there.
 * @returns a line for each proof
 */
export function unproved(rows: readonly Row[], ran: readonly Ran[], isWhole: boolean): string[] {
  const ids = new Map<string, string[]>();
  for (const { id, proofs } of rows) {
    for (const { file, words } of proofs) {
      const meant = ran.filter((each) => each.file === file && each.titles.some((title) => title.includes(words)));
      const isSkipped = meant.some(({ state }) => state === "skipped" || state === "pending");
      if (!isSkipped && !(isWhole && meant.length === 0)) continue;
      const line = `${file} "${words}" ${isSkipped ? "was skipped" : "didn't run"}`;
      ids.set(line, [...(ids.get(line) ?? []), id]);
    }
  }
  return [...ids].map(([line, of]) => `without proof: ${of.join(", ")}: ${line}`);
}
