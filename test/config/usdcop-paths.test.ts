import { describe, expect, test } from "vitest";
import { buildKey } from "../../config/paths/paths.ts";
import { newRunId } from "../../config/paths/run-id.ts";
import { type Example, expectRoundTrips } from "../support/path-examples.ts";
import { bucket, platform } from "../support/platforms.ts";

const usdcop = platform("usdcop");
const [timeframe, date] = ["m5", "20250911"];
const run = (end: string): { run_id: string } => ({ run_id: `20250911123456-${end}` });

/** Every key is the source's own but the one of `cache`, which has no example there. */
const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "00-raw-usdcop-marketdata": [
    ["mt5", { timeframe, date }, "source=mt5/market=usdcop/timeframe=m5/date=20250911/"], // U-019
    ["cache", { source: "mt5", date }, "_cache/source=mt5/date=20250911/"], // U-020
    ["twelvedata", { timeframe, date }, "source=twelvedata/market=usdcop/timeframe=m5/date=20250911/"], // U-021
    ["control", { date, ...run("abc123") }, "_control/date=20250911/run_id=20250911123456-abc123/"], // U-022
  ],
  "01-l1-ds-usdcop-standardize": [
    // U-023
    ["data", { timeframe, date, session: "premium" }, "market=usdcop/timeframe=m5/date=20250911/session=premium/"],
    ["schemas", { schema_version: "v1" }, "_schemas/version=v1/"],
    ["control", { date, ...run("def456") }, "_control/date=20250911/run_id=20250911123456-def456/"], // U-022
  ],
  "02-l2-ds-usdcop-prepare": [
    // U-024
    ["clean", { timeframe, date }, "process=clean/market=usdcop/timeframe=m5/date=20250911/"],
    [
      "premium_filter",
      { timeframe, session: "premium" },
      "process=premium_filter/market=usdcop/timeframe=m5/session=premium/",
    ],
    [
      "quality",
      { process: "clean", date, ...run("ghi789") },
      "_quality/process=clean/date=20250911/run_id=20250911123456-ghi789/",
    ],
  ],
  "03-l3-ds-usdcop-feature": [
    // U-025, and U-022 for control
    ["data", { timeframe, feature_set: "v1", date }, "market=usdcop/timeframe=m5/feature_set=v1/date=20250911/"],
    ["specs", { feature_set: "v1" }, "_specs/feature_set=v1/"],
    [
      "control",
      { feature_set: "v1", date, ...run("jkl012") },
      "_control/feature_set=v1/date=20250911/run_id=20250911123456-jkl012/",
    ],
  ],
  "04-l4-ds-usdcop-rlready": [
    // U-026
    [
      "data",
      { timeframe, data_version: "v20250911", ...run("mno345") },
      "market=usdcop/timeframe=m5/version=v20250911/run_id=20250911123456-mno345/",
    ],
    ["scalers", {}, "scalers/"],
    ["schemas", { data_version: "v20250911" }, "_schemas/version=v20250911/"],
  ],
  "05-l5-ds-usdcop-serving": [
    // U-027
    ["predictions", { timeframe, date }, "market=usdcop/timeframe=m5/date=20250911/predictions.parquet"],
    ["exports", { timeframe, date }, "exports/market=usdcop/timeframe=m5/date=20250911/predictions.csv"],
    ["dashboards", { timeframe, date }, "dashboards/market=usdcop/timeframe=m5/date=20250911/summary.parquet"],
  ],
  "usdcop-l6-backtest": [
    // U-028
    [
      "runs",
      { strategy: "rl_ppo", period: "2024q4", ...run("pqr678") },
      "strategy=rl_ppo/period=2024q4/run_id=20250911123456-pqr678/",
    ],
    ["reports", { strategy: "rl_ppo", period: "2024q4" }, "reports/strategy=rl_ppo/period=2024q4/"],
    ["artifacts", { strategy: "rl_ppo", model_version: "v1.2.0" }, "artifacts/strategy=rl_ppo/model_version=v1.2.0/"],
  ],
  "99-common-trading-models": [
    // U-029
    [
      "models",
      { model_type: "rl_ppo", model_version: "v1.2.0", ...run("stu901") },
      "model_type=rl_ppo/version=v1.2.0/run_id=20250911123456-stu901/",
    ],
    ["checkpoints", { model_type: "rl_ppo", model_version: "v1.2.0" }, "checkpoints/model_type=rl_ppo/version=v1.2.0/"],
  ],
  "99-common-trading-reports": [
    // U-030
    ["daily", { date }, "type=daily/date=20250911/"],
    ["weekly", { week: "202537" }, "type=weekly/week=202537/"],
  ],
  "99-common-trading-backups": [
    // U-031
    ["daily", { date }, "type=daily/date=20250911/"],
    ["emergency", { timestamp: "20250911123456" }, "type=emergency/timestamp=20250911123456/"],
  ],
};

/** Reports that the source has no place for. */
const withOurs: typeof EXAMPLES = {
  ...EXAMPLES,
  "99-common-trading-reports": [
    ...(EXAMPLES["99-common-trading-reports"] ?? []),
    ["monthly", { month: "202509" }, "type=monthly/month=202509/"],
    ["quarterly", { period: "2025q3" }, "type=quarterly/period=2025q3/"],
  ],
};

describe("paths", () => {
  test("are 28, each built from and read back as the source's example (U-019 to U-031)", () => {
    expect(Object.values(EXAMPLES).flat()).toHaveLength(28);
    expectRoundTrips("usdcop", withOurs);
  });

  test("are key=value segments below literal ones (U-033), control files below _ prefixes (U-034)", () => {
    const segments = usdcop.buckets.flatMap(({ paths }) => Object.values(paths).flatMap((path) => path.split("/")));
    const literal = segments.filter(
      (segment) => segment !== "" && !/^[a-z_]+=(?:\{[a-z_]+\}|[a-z0-9_]+)$/.test(segment),
    );
    expect([...new Set(literal)].sort()).toEqual([
      "_cache",
      "_control",
      "_quality",
      "_schemas",
      "_specs",
      "artifacts",
      "checkpoints",
      "dashboards",
      "exports",
      "predictions.csv",
      "predictions.parquet",
      "reports",
      "scalers",
      "summary.parquet",
    ]);
  });

  test("take a run id made now (U-035)", () => {
    const run_id = newRunId(new Date("2025-09-11T12:34:56.789Z"), (limit) => limit - 1);
    expect(run_id).toBe("20250911123456-999999");
    const { paths } = bucket(usdcop, "00-raw-usdcop-marketdata");
    expect(buildKey(paths.control ?? "", { date, run_id })).toMatchObject({ ok: true });
  });
});
