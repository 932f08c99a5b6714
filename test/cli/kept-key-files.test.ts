import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkoutAt } from "../../cli/checkout.ts";
import { keepKey } from "../../cli/key/files.ts";
import type { Key } from "../../cli/key/formats.ts";
import { refreshKeptFiles } from "../../cli/rotate/kept-files.ts";

const OLD: Key = {
  identity: "job",
  endpoint: "http://h:9000",
  region: "us-east-1",
  accessKey: "OLD",
  secretKey: "old-secret",
};
const NEW: Key = { ...OLD, accessKey: "NEW", secretKey: "new-secret" };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bucketworks-kept-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a new key goes into each file that has the old one, in its form and with what it was asked to say, and into no other", () => {
  const checkout = checkoutAt(root);
  keepKey(checkout, "dev", OLD, "json");
  keepKey(checkout, "dev", { ...OLD, bucket: "raw-data" }, "minio");
  keepKey(checkout, "dev", { ...OLD, checksums: "when_required" }, "aws");
  keepKey(checkout, "dev", { ...OLD, identity: "other" }, "env");
  keepKey(checkout, "production", OLD, "env");
  const written = refreshKeptFiles(root, "dev", NEW);
  const folder = ".bucketworks/keys";
  expect(written.sort()).toEqual(["job.aws", "job.json", "job.minio.json"].map((name) => `${folder}/${name}`));
  const text = (name: string) => readFileSync(join(root, folder, name), "utf8");
  expect(JSON.parse(text("job.json"))).toMatchObject({ accessKey: "NEW", secretKey: "new-secret" });
  expect(JSON.parse(text("job.minio.json"))).toMatchObject({ access_key: "NEW", bucket: "raw-data" });
  expect(text("job.aws")).toMatch(/NEW[\s\S]*when_required/);
  for (const file of written) {
    expect(readFileSync(join(root, file), "utf8")).not.toMatch(/OLD|old-secret/);
    expect(statSync(join(root, file)).mode & 0o777).toBe(0o600);
  }
  for (const other of ["other.env", "production/job.env"]) expect(text(other)).toContain("OLD");
  expect(readdirSync(join(root, folder)).sort()).toEqual([
    "job.aws",
    "job.json",
    "job.minio.json",
    "other.env",
    "production",
  ]);
});

test("where no file was written none is made", () => {
  expect(refreshKeptFiles(root, "dev", NEW)).toEqual([]);
  expect(existsSync(join(root, ".bucketworks"))).toBe(false);
});
