import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bucketworks, ROOT } from "../support/cli.ts";

const USDCOP = join(ROOT, "config/platforms/usdcop.yaml");
const STAGES = ["--from", "dev", "--to", "production"];

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "diff-"));
  writeFileSync(join(dir, "bad.yaml"), 'minio_config: {endpoint: "localhost:9001"}\n');
});
afterAll(() => rmSync(dir, { recursive: true }));

describe("bucketworks diff", { timeout: 60_000 }, () => {
  test("says what differs, what all buckets share once, and exits 0", async () => {
    const { code, stdout, stderr } = await bucketworks(["diff", ...STAGES, USDCOP]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n").slice(0, 10)).toEqual([
      "dev -> production: 12 changed, 0 added, 0 removed",
      'connection: {"endpoint":"localhost:9000","secure":false,"region":"us-east-1"} -> none',
      "all 10 buckets: protect: false -> true",
      "usdcop",
      "  platform usdcop",
      "    backup.keepDays: 1 -> 90",
      "  bucket 00-raw-usdcop-marketdata",
      "    quotaBytes: none -> 500 GiB",
      "    retentionDays: 7 -> 90",
      "  bucket 01-l1-ds-usdcop-standardize",
    ]);
  });

  test("of a stage with itself finds nothing, and exits 0 too", async () => {
    const same = ["diff", "--from", "dev", "--to", "dev", USDCOP];
    expect(await bucketworks(same)).toEqual({ code: 0, stdout: "dev -> dev: no difference\n", stderr: "" });
    expect(await bucketworks([...same, "--quiet"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("answers JSON with its version", async () => {
    const { stdout } = await bucketworks(["diff", ...STAGES, "--format", "json", USDCOP]);
    const json = JSON.parse(stdout);
    expect(json).toMatchObject({ schemaVersion: 1, from: "dev", to: "production" });
    expect(json.parts[1]).toEqual({
      platform: "usdcop",
      kind: "bucket",
      name: "00-raw-usdcop-marketdata",
      change: "changed",
      settings: [
        { setting: "protect", from: false, to: true },
        { setting: "quotaBytes", from: null, to: 536870912000 },
        { setting: "retentionDays", from: 7, to: 90 },
      ],
    });
    expect(stdout).not.toMatch(/minioadmin/);
  });

  test("takes the platforms of this checkout where no file is named", async () => {
    const { code, stdout } = await bucketworks(["diff", ...STAGES]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^dev -> production: /);
    expect(stdout).toContain("    retentionDays: 30 -> forever");
  });

  test("refuses specs with faults: exit 1", async () => {
    const { code, stdout, stderr } = await bucketworks(["diff", ...STAGES, join(dir, "bad.yaml")]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/ console-port .*\nno model: 1 fault\n$/);
  });

  test.each([
    [["diff", "--from", "dev"], /required option '--to <stage>' not specified/],
    [["diff", "--from", "Dev!", "--to", "dev"], /"Dev!" is not a stage name/],
    [["diff", ...STAGES, "gone.yaml"], /no such file/],
  ])("%j is wrong use", async (args, message) => {
    const { code, stderr } = await bucketworks(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("--help has an example and the exit codes", async () => {
    const { stdout } = await bucketworks(["diff", "--help"]);
    expect(stdout).toMatch(/\$ bucketworks diff --from dev --to production\n/);
    expect(stdout).toMatch(
      /Exit codes: 0 shown, whether the stages differ or not; 1 the specs have faults; 2 wrong use/,
    );
  });
});
