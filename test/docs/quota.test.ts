import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/toolchain.ts";

/** Said of a quota, these are untrue: a server compares with its last usage scan, and takes what is written meanwhile. */
const UNTRUE = [/hard quota/i, /at 100 ?% (it|writes)/i, /refuses to be written/i, /can't fill the server/i];

const files = execFileSync(
  "git",
  ["ls-files", "-z", "docs", "builders", "config", "policy", "provider", "review", "README.md"],
  {
    cwd: ROOT,
  },
)
  .toString("utf8")
  .split("\0")
  .filter((file) => /\.(md|ts|json|yaml)$/.test(file));

test("nothing of ours says that a quota holds at once", () => {
  expect(files.length).toBeGreaterThan(200);
  const found = files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return UNTRUE.filter((untrue) => untrue.test(text)).map((untrue) => `${file}: ${untrue}`);
  });
  expect(found).toEqual([]);
});

test.each(["docs/spec.md", "docs/spec-reference.md", "docs/schema.json", "docs/monitoring.md", "docs/policies.md"])(
  "%s says as of when a quota holds",
  (file) => {
    expect(readFileSync(join(ROOT, file), "utf8")).toMatch(/usage scan/);
  },
);
