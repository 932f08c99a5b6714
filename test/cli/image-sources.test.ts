import { existsSync, readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/toolchain.ts";
import { imageSources } from "../support/workloads-image.ts";

const IMPORT = /(?:^import|^export|\bimport\()[^;]*?["'](\.[^"'\n]+)["']/gm;

/** Every file of the checkout that these files need, themselves too. */
function needed(files: readonly string[], seen = new Set<string>()): Set<string> {
  for (const file of files.filter((each) => !seen.has(each))) {
    seen.add(file);
    if (!file.endsWith(".ts")) continue;
    const text = stripTypeScriptTypes(readFileSync(file, "utf8"));
    const imported = [...text.matchAll(IMPORT)].map(([, path = ""]) => join(dirname(file), path));
    needed(
      imported.filter((each) => existsSync(each)),
      seen,
    );
  }
  return seen;
}

test("the image of workloads holds every file that a command imports", () => {
  const commands = readdirSync(join(ROOT, "cli"), { recursive: true, encoding: "utf8" });
  const files = commands.filter((name) => name.endsWith(".ts")).map((name) => join(ROOT, "cli", name));
  const inside = imageSources();
  const missing = [...needed(files)]
    .map((file) => relative(ROOT, file))
    .filter((file) => !inside.some((each) => file === each || file.startsWith(`${each}/`)));
  expect(missing).toEqual([]);
});
