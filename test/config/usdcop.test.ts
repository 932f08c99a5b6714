import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadModel } from "../../config/spec.ts";

const FILE = join(import.meta.dirname, "../../config/platforms/usdcop.yaml");

function model(stage: string) {
  const result = loadModel({ files: [FILE], stage, env: {} });
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.model;
}

/** Bucket, then an example key of the source for each of its templates; `_cache/` has none there, this one is ours. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "00-raw-usdcop-marketdata": [
    "source=mt5/market=usdcop/timeframe=m5/date=20250911/",
    "_cache/source=mt5/date=20250911/",
    "source=twelvedata/market=usdcop/timeframe=m5/date=20250911/",
    "_control/date=20250911/run_id=20250911123456-abc123/",
  ],
  "01-l1-ds-usdcop-standardize": [
    "market=usdcop/timeframe=m5/date=20250911/session=premium/",
    "_schemas/version=v1/",
    "_control/date=20250911/run_id=20250911123456-def456/",
  ],
  "02-l2-ds-usdcop-prepare": [
    "process=clean/market=usdcop/timeframe=m5/date=20250911/",
    "process=premium_filter/market=usdcop/timeframe=m5/session=premium/",
    "_quality/process=clean/date=20250911/run_id=20250911123456-ghi789/",
  ],
  "03-l3-ds-usdcop-feature": [
    "market=usdcop/timeframe=m5/feature_set=v1/date=20250911/",
    "_specs/feature_set=v1/",
    "_control/feature_set=v1/date=20250911/run_id=20250911123456-jkl012/",
  ],
  "04-l4-ds-usdcop-rlready": [
    "market=usdcop/timeframe=m5/version=v20250911/run_id=20250911123456-mno345/",
    "scalers/",
    "_schemas/version=v20250911/",
  ],
  "05-l5-ds-usdcop-serving": [
    "market=usdcop/timeframe=m5/date=20250911/predictions.parquet",
    "exports/market=usdcop/timeframe=m5/date=20250911/predictions.csv",
    "dashboards/market=usdcop/timeframe=m5/date=20250911/summary.parquet",
  ],
  "99-common-trading-backups": ["type=daily/date=20250911/", "type=emergency/timestamp=20250911123456/"],
  "99-common-trading-models": [
    "model_type=rl_ppo/version=v1.2.0/run_id=20250911123456-stu901/",
    "checkpoints/model_type=rl_ppo/version=v1.2.0/",
  ],
  "99-common-trading-reports": ["type=daily/date=20250911/", "type=weekly/week=202537/"],
  "usdcop-l6-backtest": [
    "strategy=rl_ppo/period=2024q4/run_id=20250911123456-pqr678/",
    "reports/strategy=rl_ppo/period=2024q4/",
    "artifacts/strategy=rl_ppo/model_version=v1.2.0/",
  ],
};

describe.each(["dev", "production"])("usdcop in stage %s", (stage) => {
  const buckets = model(stage).platforms.flatMap((platform) => platform.buckets);

  test("is exactly the ten buckets of the source", () => {
    expect(buckets.map(({ name }) => name)).toEqual(Object.keys(EXAMPLES));
    expect(buckets).toHaveLength(10);
  });

  test("has exactly 28 path templates, each the one template of its bucket that matches its example", () => {
    expect(buckets.flatMap(({ paths }) => Object.keys(paths))).toHaveLength(28);
    for (const { name, paths } of buckets) {
      const patterns = Object.entries(paths).map(([key, template]) => [key, pattern(template)] as const);
      const matched = (EXAMPLES[name] ?? []).map((example) =>
        patterns.filter(([, regex]) => regex.test(example)).map(([key]) => key),
      );
      expect(matched.every((keys) => keys.length === 1)).toBe(true);
      expect(matched.flat().sort()).toEqual(Object.keys(paths).sort());
    }
  });
});

test("the first bucket is the source's own: 90 days, versioning, two tags, two named templates", () => {
  const [raw] = model("production").platforms.flatMap((platform) => platform.buckets);
  expect(raw).toMatchObject({
    group: "l0_raw_data",
    retentionDays: 90,
    versioning: true,
    tags: { data_type: "market_data", layer: "L0" },
    description: "raw USDCOP market data",
  });
  expect(raw?.paths.mt5).toBe("source=mt5/market=usdcop/timeframe={timeframe}/date={date}/");
  expect(raw?.paths.cache).toBe("_cache/source={source}/date={date}/");
});

test("the fallback is the source's in dev, and none in production", () => {
  expect(model("dev").connection).toEqual({ endpoint: "localhost:9000", secure: false, region: "us-east-1" });
  expect(model("production").connection).toBeNull();
});

test.each(["dev", "production"])("the resolved model of stage %s is the one that was reviewed", async (stage) => {
  const text = `${JSON.stringify(model(stage), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, `../golden/usdcop.${stage}.model.json`));
});

function pattern(template: string): RegExp {
  const text = template.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{\w+\}/g, "[^/=]+");
  return new RegExp(`^${text}$`);
}
