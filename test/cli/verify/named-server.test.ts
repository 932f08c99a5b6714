import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { namedTarget } from "../../../cli/target/server-option.ts";

const KEY = { MINIO_ACCESS_KEY: "validator", MINIO_SECRET_KEY: "validator-secret" };
let folder: string;
let spec: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bucketworks-named-"));
  spec = join(folder, "minio-buckets.yaml");
  writeFileSync(spec, "bucket_groups: {raw: {buckets: [{name: raw-data}]}}\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

const target = (url: string, env: Record<string, string> = KEY, caFile?: string) =>
  namedTarget({ url, caFile }, { stage: "production", files: [spec], env });

test("a server is named by its URL, and looked at with the key of the environment", () => {
  const ca = join(folder, "ca.crt");
  writeFileSync(ca, "PEM");
  const { model, server } = target("https://minio-service:9000", KEY, ca);
  expect(model.platforms.flatMap(({ buckets }) => buckets.map(({ name }) => name))).toEqual(["raw-data"]);
  expect(server).toMatchObject({ endpoint: "minio-service:9000", secure: true, accessKey: "validator", caFile: ca });
  expect(target("http://minio-service:9000").server).toMatchObject({ secure: false });
});

test.each([
  ["minio-service:9000", /--server "minio-service:9000" must be http:\/\/HOST:PORT or https:\/\/HOST:PORT/],
  ["ftp://minio:21", /--server "ftp:\/\/minio:21" must be/],
  ["http://minio:9000/console", /must be/],
  ["http://user:hidden@minio:9000", /--server "http:\/\/\.\.\.@minio:9000" must be/],
])("%s is refused, and no password in it is repeated", (url, words) => {
  expect(() => target(url)).toThrow(words);
  expect(() => target(url)).not.toThrow(/hidden/);
});

test("a key or an authority that isn't there is named", () => {
  expect(() => target("http://minio:9000", { MINIO_ACCESS_KEY: "validator" })).toThrow(
    "MINIO_SECRET_KEY isn't set: --server needs the key of an identity; export it",
  );
  expect(() => target("https://minio:9000", KEY, join(folder, "nowhere"))).toThrow(
    /--ca-file \S+ can't be read \(ENOENT\)/,
  );
});

test("a spec with faults is no model", () => {
  const broken = join(folder, "broken.yaml");
  writeFileSync(broken, "bucket_groups: {raw: {buckets: [{name: Raw_Data}]}}\n");
  const faults = () =>
    namedTarget({ url: "http://minio:9000", caFile: undefined }, { stage: "dev", files: [broken], env: KEY });
  expect(faults).toThrow(/bucket-name[\s\S]*no model: 1 fault/);
});
