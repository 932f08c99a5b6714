import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Checkout, checkoutAt } from "../../../cli/checkout.ts";
import { choosePorts } from "../../../cli/local/ports.ts";

let checkout: Checkout;
beforeEach(() => {
  checkout = checkoutAt(mkdtempSync(join(tmpdir(), "bucketworks-ports-")));
  mkdirSync(checkout.minio.folder, { recursive: true });
});
afterEach(() => rmSync(checkout.root, { recursive: true }));

test("a setting wins over what was used last, that over the defaults", () => {
  expect(choosePorts(checkout, {})).toEqual({ api: 9000, console: 9001 });
  writeFileSync(checkout.minio.endpoint, "127.0.0.1:9100\n");
  expect(choosePorts(checkout, {})).toEqual({ api: 9100, console: 9001 });
  expect(choosePorts(checkout, { BUCKETWORKS_PORT: "9200", BUCKETWORKS_CONSOLE_PORT: " 9201 " })).toEqual({
    api: 9200,
    console: 9201,
  });
  // `make up BUCKETWORKS_PORT=` unsets it
  expect(choosePorts(checkout, { BUCKETWORKS_PORT: "" })).toEqual({ api: 9100, console: 9001 });
});

test.for(["0", "65536", "-1", "9000.5", "s3", "0x50"])("%s is no port", (text) => {
  expect(() => choosePorts(checkout, { BUCKETWORKS_CONSOLE_PORT: text })).toThrow(
    `BUCKETWORKS_CONSOLE_PORT: must be a port number from 1 to 65535, got "${text}"; for example BUCKETWORKS_CONSOLE_PORT=9100`,
  );
});

test("both can't be the same", () => {
  expect(() => choosePorts(checkout, { BUCKETWORKS_PORT: "9001" })).toThrow(
    "BUCKETWORKS_PORT and BUCKETWORKS_CONSOLE_PORT: both are 9001; the S3 API and the console need a port each",
  );
});

test("a remembered endpoint that makes no sense is not used", () => {
  writeFileSync(checkout.minio.endpoint, "elsewhere:70000");
  expect(choosePorts(checkout, {}).api).toBe(9000);
});
