import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROOT } from "../support/toolchain.ts";

const text = readFileSync(`${ROOT}docs/coverage.md`, "utf8");
const rows = [...text.matchAll(/^\| (U-\d{3}) \| (\w+) \| (.+) \|$/gm)].map(([, id, status, where]) => ({
  id,
  status,
  where: where ?? "",
}));

test("every requirement of the USDCOP platform has exactly one row", () => {
  const ids = Array.from({ length: 111 }, (_, index) => `U-${String(index + 1).padStart(3, "0")}`);
  expect(rows.map(({ id }) => id)).toEqual(ids);
});

test("every row has a known status, and what is done names a proof that exists", () => {
  const faults = rows.flatMap(({ id, status, where }) => {
    if (!["done", "planned", "declined"].includes(status ?? "")) return [`${id}: status ${status}`];
    if (status === "done" && !where.includes("`")) return [`${id}: done without a place`];
    const paths = [...where.matchAll(/`([\w./-]+\/[\w./-]+|[\w-]+\.(?:ts|md|yaml))`/g)].map(([, path]) => path ?? "");
    return paths.filter((path) => !existsSync(ROOT + path)).map((path) => `${id}: ${path} isn't there`);
  });
  expect(faults).toEqual([]);
});
