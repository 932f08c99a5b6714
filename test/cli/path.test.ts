import { describe, expect, test } from "vitest";
import { type CliResult, bucketworks as run } from "../support/cli.ts";

const RAW = "usdcop/00-raw-usdcop-marketdata";
const MT5 = "source=mt5/market=usdcop/timeframe=m5/date=20250911/";

const bucketworks = (args: readonly string[]): Promise<CliResult> =>
  run([...args, "--file", "config/platforms/usdcop.yaml"]);

describe("bucketworks path", { timeout: 60_000 }, () => {
  test("prints the key (U-019), by the bucket's name alone too", async () => {
    const args = ["mt5", "--timeframe", "m5", "--date", "20250911"];
    for (const target of [RAW, "00-raw-usdcop-marketdata"]) {
      expect(await bucketworks(["path", target, ...args])).toEqual({ code: 0, stdout: `${MT5}\n`, stderr: "" });
    }
  });

  test("takes values before the words, with =, and by --set", async () => {
    const args = ["--date=20250911", RAW, "mt5", "--set", "timeframe=m5"];
    expect((await bucketworks(["path", ...args])).stdout).toBe(`${MT5}\n`);
  });

  test("--run-id new makes a run id (U-035)", async () => {
    const { stdout } = await bucketworks(["path", RAW, "control", "--date", "20250911", "--run-id", "new"]);
    expect(stdout).toMatch(/^_control\/date=20250911\/run_id=\d{14}-[a-z0-9]{6}\/\n$/);
  });

  test("answers JSON with its version", async () => {
    const { stdout } = await bucketworks([
      "path",
      RAW,
      "mt5",
      "--timeframe",
      "m5",
      "--date",
      "20250911",
      "--format",
      "json",
    ]);
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      platform: "usdcop",
      bucket: "00-raw-usdcop-marketdata",
      path: "mt5",
      key: MT5,
      uri: `s3://00-raw-usdcop-marketdata/${MT5}`,
      values: { timeframe: "m5", date: "20250911" },
    });
  });

  test("--parse takes a key apart", async () => {
    expect((await bucketworks(["path", RAW, "--parse", `${MT5}a.csv`])).stdout).toBe(
      "path: mt5\ntimeframe: m5\ndate: 20250911\nobject: a.csv\n",
    );
    const { stdout } = await bucketworks(["path", RAW, "--parse", MT5, "--format", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, path: "mt5", values: { timeframe: "m5" }, rest: "" });
  });

  test("a key that follows no template is a finding", async () => {
    const { code, stdout, stderr } = await bucketworks(["path", RAW, "--parse", "source=mt5/market=eurusd/"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/segment 2: .*\nthe key follows no path of 00-raw-usdcop-marketdata\n$/);
  });

  test("lists the templates where no path is named, with --quiet without a heading", async () => {
    const { stdout } = await bucketworks(["path", RAW]);
    expect(stdout.split("\n").map((line) => line.split(/ +/)[0])).toEqual([
      "PATH",
      "cache",
      "control",
      "mt5",
      "twelvedata",
      "",
    ]);
    expect((await bucketworks(["path", RAW, "--quiet"])).stdout).toBe(stdout.slice(stdout.indexOf("\n") + 1));
    const json = JSON.parse((await bucketworks(["path", RAW, "--format", "json"])).stdout);
    expect(json.paths[0].placeholders).toContainEqual({ name: "date", form: "a day YYYYMMDD", example: "20250911" });
  });

  test.each([
    [["path"], /^error: a bucket is missing, as PLATFORM\/BUCKET\n$/],
    [["path", "usdcop/00-raw-usdcop-marketdta"], /did you mean usdcop\/00-raw-usdcop-marketdata\?\n$/],
    [["path", RAW, "mt4"], /^error: no path mt4; did you mean mt5\?\n$/],
    [["path", RAW, "mt5", "more"], /^error: more is too much: give one bucket and one path\n$/],
    [["path", RAW, "mt5", "--date"], /^error: --date has no value\n$/],
    [["path", RAW, "mt5", "-d", "20250911"], /^error: unknown option -d; a value is given as --NAME VALUE\n$/],
    [["path", RAW, "mt5", "--set", "date"], /^error: --set date must be NAME=VALUE\n$/],
    [["path", RAW, "--date", "20250911"], /^error: the path is missing; .* has cache, control, mt5, twelvedata\n$/],
    [["path", RAW, "mt5", "--timeframe", "m5", "--date", "x", "--date", "y"], /^error: date is given twice\n$/],
    [
      ["path", RAW, "mt5", "--timefrme", "m5"],
      /^error: timeframe is missing.*\nerror: date is missing.*\nerror: timefrme is/,
    ],
    [
      ["path", RAW, "mt5", "--timeframe", "m5", "--date", "20250230"],
      /^error: date must be a day YYYYMMDD, got "20250230"/,
    ],
    [["path", RAW, "mt5", "--parse", MT5], /^error: --parse finds the path by itself/],
    [["path", RAW, "--file", "gone.yaml"], /no such file/],
  ])("%j is wrong use", async (args, message) => {
    const { code, stdout, stderr } = await bucketworks(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  test("--help has an example and the exit codes", async () => {
    const { code, stdout } = await bucketworks(["path", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`$ bucketworks path ${RAW} mt5 --timeframe m5 --date 20250911\n`);
    expect(stdout).toMatch(
      /Exit codes: 0 printed, 1 the specs have faults or the key follows no template, 2 wrong use/,
    );
  });
});
