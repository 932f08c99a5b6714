import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/toolchain.ts";

interface Cell {
  readonly cell_type: "code" | "markdown";
  readonly outputs?: readonly unknown[];
  readonly execution_count?: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}
interface Notebook {
  readonly cells: readonly Cell[];
  readonly metadata: Readonly<Record<string, unknown>>;
}

const NOTEBOOKS = readdirSync(join(ROOT, "notebooks")).filter((name) => name.endsWith(".ipynb"));
const textOf = (name: string): string => readFileSync(join(ROOT, "notebooks", name), "utf8");

/** What a notebook holds that git must not: a line each. */
function leftovers({ cells, metadata }: Notebook): string[] {
  const ofCells = cells.flatMap((cell, index) => [
    ...(cell.outputs?.length ? [`cell ${index + 1} has outputs`] : []),
    ...(cell.execution_count == null ? [] : [`cell ${index + 1} says when it ran`]),
    ...(Object.keys(cell.metadata).length === 0 ? [] : [`cell ${index + 1} has metadata`]),
  ]);
  const more = Object.keys(metadata).filter((key) => !["kernelspec", "language_info"].includes(key));
  return [...ofCells, ...more.map((key) => `the notebook has metadata ${key}`)];
}

test("each platform has a notebook, and no other one is kept", () => {
  const platforms = readdirSync(join(ROOT, "config", "platforms")).map((name) => basename(name, ".yaml"));
  expect(NOTEBOOKS.map((name) => basename(name, ".ipynb")).sort()).toEqual(platforms.sort());
});

test("no notebook of git has outputs, so that no secret is in one and running it changes no file", () => {
  const found = NOTEBOOKS.flatMap((name) => leftovers(JSON.parse(textOf(name))).map((each) => `${name}: ${each}`));
  expect(found).toEqual([]);
  const cell = { cell_type: "code", outputs: [{}], execution_count: 1, metadata: { tags: [] } } as const;
  expect(leftovers({ cells: [cell], metadata: { widgets: {} } })).toHaveLength(4);
});

test("notebooks are written as Jupyter writes them, so that saving one changes no file", () => {
  for (const name of NOTEBOOKS)
    expect(textOf(name), name).toBe(`${JSON.stringify(JSON.parse(textOf(name)), null, 1)}\n`);
});
