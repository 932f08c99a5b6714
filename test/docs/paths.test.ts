import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasForm, knownPlaceholders } from "../../config/paths/placeholders.ts";
import { ROOT } from "../support/cli.ts";

const text = readFileSync(join(ROOT, "docs/paths.md"), "utf8");
const rows = [...text.matchAll(/^\| (`[a-z0-9_`, ]+`) \| .+ \| `([^`]+)` \|$/gm)].map(
  ([, names = "", example = ""]) => ({
    names: [...names.matchAll(/`([a-z0-9_]+)`/g)].map(([, name = ""]) => name),
    example,
  }),
);

test("docs/paths.md names every placeholder that has a form, each with an example of it", () => {
  expect(rows.flatMap(({ names }) => names).sort()).toEqual(knownPlaceholders());
  expect(rows.filter(({ names, example }) => !hasForm(names[0] ?? "", example))).toEqual([]);
});
