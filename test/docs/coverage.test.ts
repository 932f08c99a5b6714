import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROOT } from "../support/toolchain.ts";

/** Requirements of each platform, by the letters of their ids. */
const REQUIREMENTS = { U: 111, M: 74, ML: 111, CS: 70, DO: 75 };

const text = readFileSync(`${ROOT}docs/coverage.md`, "utf8");
const rows = [...text.matchAll(/^\| ([A-Z]+-\d{3}) \| (\w+) \| (.+) \|$/gm)].map(
  ([, id = "", status = "", where = ""]) => ({ id, status, where }),
);

function pathsIn(where: string): string[] {
  return [...where.matchAll(/`([\w./-]+\/[\w./-]+|[\w.-]+\.(?:ts|md|yaml))`/g)].map(([, path = ""]) => path);
}

const files = new Map<string, string>();
function holds(path: string, id: string): boolean {
  const content = files.get(path) ?? (existsSync(ROOT + path) ? readFileSync(ROOT + path, "utf8") : "");
  files.set(path, content);
  return ids(content).has(id);
}

/** Ids in a test; "U-019 to U-031" names all of them. */
function ids(content: string): Set<string> {
  const found = new Set([...content.matchAll(/\b[A-Z]+-\d{3}\b/g)].map(([id]) => id));
  for (const [, letters = "", first = "", last = ""] of content.matchAll(/\b([A-Z]+)-(\d{3}) to \1-(\d{3})\b/g)) {
    for (let count = Number(first); count <= Number(last); count++) found.add(idOf(letters, count));
  }
  return found;
}

function idOf(letters: string, count: number): string {
  return `${letters}-${String(count).padStart(3, "0")}`;
}

test("every requirement of the five platforms has exactly one row", () => {
  const all = Object.entries(REQUIREMENTS).flatMap(([letters, count]) =>
    Array.from({ length: count }, (_, index) => idOf(letters, index + 1)),
  );
  expect(rows.map(({ id }) => id)).toEqual(all);
});

test("every row has a known status and names paths that exist", () => {
  const faults = rows.flatMap(({ id, status, where }) => {
    if (!["done", "planned", "declined"].includes(status)) return [`${id}: status ${status}`];
    return pathsIn(where).flatMap((path) => (existsSync(ROOT + path) ? [] : [`${id}: ${path} isn't there`]));
  });
  expect(faults).toEqual([]);
});

test("what is done names tests, and each of them holds the id", () => {
  const faults = rows.flatMap(({ id, status, where }) => {
    const tests = pathsIn(where).filter((path) => path.endsWith(".test.ts"));
    if (status === "done" && tests.length === 0) return [`${id}: no test`];
    return status === "done" ? tests.filter((path) => !holds(path, id)).map((path) => `${id}: not in ${path}`) : [];
  });
  expect(faults).toEqual([]);
});
