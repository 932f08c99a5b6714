import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkoutAt } from "../../cli/checkout.ts";
import { isOwnServer } from "../../cli/target/own-server.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bucketworks-own-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a checkout's Alertmanager is told of its own server alone: alerts of production aren't lost in it", () => {
  expect(isOwnServer({ endpoint: "127.0.0.1:9000" }, root)).toBe(false);
  const file = checkoutAt(root).minio.endpoint;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "127.0.0.1:9000\n");
  expect(isOwnServer({ endpoint: "127.0.0.1:9000" }, root)).toBe(true);
  expect(isOwnServer({ endpoint: "minio.example.org:9000" }, root)).toBe(false);
});
