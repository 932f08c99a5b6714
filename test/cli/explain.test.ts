import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bucketworks, ROOT } from "../support/cli.ts";

const COMPLETE = join(ROOT, "test/fixtures/specs/complete.yaml");
const BAD = join(ROOT, "test/fixtures/invalid/console-port.yaml");

describe("bucketworks explain", { timeout: 60_000 }, () => {
  test("shows a table of buckets for each platform", async () => {
    const { code, stdout, stderr } = await bucketworks(["explain", "--stage", "dev", COMPLETE]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, "  "))).toEqual([
      "stage dev, fallback server http://localhost:9000",
      "",
      "complete - v1.0.0 - what this platform is (2 buckets)",
      "BUCKET  GROUP  LAYER  RETENTION  VERSIONING  ENCRYPTION  QUOTA  PUBLIC  ON DELETE",
      "00-raw-usdcop-marketdata  l0_raw_data  L0  60 days  on, 20 days  sse-kms:raw-key  1 GiB  public/  delete_if_empty",
      "usdcop-l6-backtest  l0_raw_data  L0  7 days  on, 30 days  sse-s3  -  -  retain",
      "replication: 00-raw-usdcop-marketdata to raw-copy of standby (below models/, with delete markers)",
      "00-raw-usdcop-marketdata tells lake:webhook (created, removed; keys source=mt5/*.parquet)",
      "services: node_exporter on 9100, postgres_exporter on 9187, alertmanager on 9093, logs on 9428, complete-mlflow on 5000, complete-model-api on 8000, jupyter on 8888, prometheus on 9090 (every 30 s, 30 days, 5 GiB at most), grafana on 3000",
      "",
    ]);
  });

  test("gives the model as JSON, without credentials", async () => {
    const { code, stdout } = await bucketworks(["explain", "--stage", "production", "--format", "json", COMPLETE]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      stage: "production",
      platforms: [{ name: "complete" }],
    });
    expect(stdout).not.toMatch(/minioadmin/);
  });

  test("refuses specs with faults: exit 1, the faults on stderr", async () => {
    const { code, stdout, stderr } = await bucketworks(["explain", "--stage", "dev", BAD]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/ console-port minio_config\.endpoint: .*\nno model: 1 fault\n$/);
  });

  test.each([
    [["explain"], /required option '--stage <stage>' not specified/],
    [["explain", "--stage", "dev", "gone.yaml"], /no such file/],
  ])("%j is wrong use", async (args, message) => {
    const { code, stderr } = await bucketworks(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("--quiet leaves the tables, --help has an example and the exit codes", async () => {
    expect((await bucketworks(["explain", "--stage", "dev", "--quiet", COMPLETE])).stdout).toMatch(/^BUCKET /);
    const { stdout } = await bucketworks(["explain", "--help"]);
    expect(stdout).toMatch(/\$ bucketworks explain --stage dev\n/);
    expect(stdout).toMatch(/Exit codes: 0 shown, 1 the specs have faults, 2 wrong use/);
  });
});
