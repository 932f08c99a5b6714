import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bucketworks } from "../../support/cli.ts";
import { SpecFile } from "../../support/verified.ts";

let folder: string;
let spec: SpecFile;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "away-"));
  spec = new SpecFile("bucket_groups: {all: {buckets: [{name: orders}]}}\n");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  spec.remove();
});

test("a server that is away is told in a sentence, and verify --report writes that nothing could be looked at", async () => {
  const server = ["--server", "http://127.0.0.1:9", "--no-identities"];
  const env = {
    ...{ MINIO_ACCESS_KEY: "someone", MINIO_SECRET_KEY: "12345678" },
    BUCKETWORKS_HISTORY: join(folder, "history.sqlite"),
  };
  const { code, stderr } = await bucketworks(["verify", ...server, "--report", folder, spec.path], { env });
  expect([code, stderr]).toEqual([3, expect.stringMatching(/^verify: can't reach MinIO at http:\/\/127\.0\.0\.1:9/m)]);
  const report = JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
  expect(report).toMatchObject({ overall_health_score: null, buckets: [{ name: "orders", status: "unknown" }] });
  expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("Nothing could be looked at.");
});
