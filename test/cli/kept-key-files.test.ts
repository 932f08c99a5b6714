import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkoutAt } from "../../cli/checkout.ts";
import { keepKey } from "../../cli/key/files.ts";
import type { Key } from "../../cli/key/formats.ts";
import { keepBackupKey } from "../../cli/local/postgres/archive.ts";
import { refreshArchiveKey, refreshKeptFiles } from "../../cli/rotate/kept-files.ts";
import { modelOf } from "../support/spec.ts";
import { platformFile } from "../support/specs.ts";

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

test("the key with which PostgreSQL archives its log is another one at once: the store would refuse the old one after the grace", () => {
  const [platform] = modelOf(platformFile("      - {name: backups, description: d}")).platforms;
  if (platform === undefined) throw new Error("no platform");
  const databaseBackup = {
    bucket: "backups",
    prefix: "databases/",
    serviceAccount: "job",
    archiveTimeoutSeconds: 60,
    schedule: "11 1 * * *",
  };
  const platforms = [{ ...platform, databaseBackup }];
  expect(refreshArchiveKey(root, "dev", NEW, platforms)).toEqual([]);
  expect(existsSync(join(root, ".bucketworks"))).toBe(false);
  const checkout = checkoutAt(root);
  mkdirSync(checkout.postgres.folder, { recursive: true });
  keepBackupKey(checkout, OLD);
  expect(refreshArchiveKey(root, "production", NEW, platforms)).toEqual([]);
  expect(refreshArchiveKey(root, "dev", { ...NEW, identity: "other" }, platforms)).toEqual([]);
  expect(refreshArchiveKey(root, "dev", NEW, [platform])).toEqual([]);
  const [file = ""] = refreshArchiveKey(root, "dev", NEW, platforms);
  expect(file).toBe(".bucketworks/postgres/backup/credentials");
  const text = readFileSync(join(root, file), "utf8");
  expect(text).toMatch(/aws_access_key_id = NEW\naws_secret_access_key = new-secret/);
  expect(text).not.toContain("old-secret");
  expect(statSync(join(root, file)).mode & 0o777).toBe(0o600);
});
