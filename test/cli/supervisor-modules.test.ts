import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/toolchain.ts";

/** Prints the packages that are loaded with a module and all that it imports from the start. */
const LOADED = `
import { registerHooks } from "node:module";
const packages = new Set();
registerHooks({ load(url, context, next) {
  const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? [];
  if (name !== undefined) packages.add(name);
  return next(url, context);
} });
for (const file of process.argv.slice(1)) await import(file);
process.stdout.write([...packages].join(" "));
`;

test("a supervisor, of which one runs for each service, loads no package", () => {
  const files = ["service/keep-running.ts", "services/local-service.ts"].map((name) => join(ROOT, "cli/local", name));
  const args = ["--input-type=module", "--eval", LOADED, ...files];
  expect(execFileSync(process.execPath, args, { encoding: "utf8" })).toBe("");
});
