import { describe, expect, test } from "vitest";
import { bucket, grantTable, identityTable, keeping, platform, resolved } from "../support/platforms.ts";

const usdcop = platform("usdcop");
/** Requirement, name, layer, versioning, what is kept. */
const BUCKETS: readonly (readonly [string, string, string, boolean, string])[] = [
  ["U-008", "00-raw-usdcop-marketdata", "L0", true, "90 days, versions 30 days, drop-cache _cache/ 7 days"],
  ["U-009", "01-l1-ds-usdcop-standardize", "L1", true, "180 days, versions 30 days"],
  ["U-010", "02-l2-ds-usdcop-prepare", "L2", true, "180 days, versions 30 days"],
  ["U-011", "03-l3-ds-usdcop-feature", "L3", true, "365 days, versions 30 days"],
  ["U-012", "04-l4-ds-usdcop-rlready", "L4", true, "365 days, versions 30 days"],
  ["U-013", "05-l5-ds-usdcop-serving", "L5", false, "90 days, no versions"],
  ["U-014", "usdcop-l6-backtest", "L6", true, "730 days, versions 30 days"],
  [
    "U-015",
    "99-common-trading-models",
    "common",
    true,
    "for ever, versions 365 days, drop-checkpoints checkpoints/ 90 days",
  ],
  ["U-016", "99-common-trading-reports", "common", false, "365 days, no versions"],
  ["U-017", "99-common-trading-backups", "common", true, "for ever, versions 90 days, drop-daily type=daily/ 90 days"],
];

describe("buckets", () => {
  test.each(BUCKETS)("%s: %s has its layer, versions and time of keeping", (_, name, layer, versioning, kept) => {
    const found = bucket(usdcop, name);
    expect(found).toMatchObject({ layer, versioning, tags: { layer, data_type: expect.stringMatching(/^[a-z_]+$/) } });
    expect(keeping(found)).toBe(kept);
  });

  test("are exactly the ten of the source (U-018), by the number in front but for one (U-032)", () => {
    const names = usdcop.buckets.map(({ name }) => name);
    expect(names).toEqual(BUCKETS.map(([, name]) => name).sort());
    expect(names).toHaveLength(10);
    expect(usdcop).toMatchObject({ naming: "layered", namingExceptions: ["usdcop-l6-backtest"] });
  });

  test("the first is the source's own: group, retention, versioning and two tags (U-002, U-008, U-041, U-042, U-080)", () => {
    expect(bucket(usdcop, "00-raw-usdcop-marketdata")).toMatchObject({
      group: "l0_raw_data",
      description: "raw USDCOP market data",
      retentionDays: 90,
      versioning: true,
      tags: { data_type: "market_data", layer: "L0" },
    });
  });

  test("temporary data is cleaned up by rules (U-081, U-105)", () => {
    const rules = usdcop.buckets.flatMap(({ lifecycle }) => lifecycle.map(({ id }) => id));
    expect(rules).toEqual(["drop-cache", "drop-daily", "drop-checkpoints"]);
  });
});

describe("access (U-078, U-043)", () => {
  test("a role a layer writes its own and reads the one before", () => {
    const layers = usdcop.buckets
      .filter(({ layer }) => layer !== "common")
      .sort((a, b) => ((a.layer ?? "") < (b.layer ?? "") ? -1 : 1));
    const table = grantTable(usdcop.access);
    for (const [index, { name }] of layers.entries()) {
      const before = layers[index - 1];
      const reads = before === undefined ? [] : [`read ${before.name}`];
      expect(table[`usdcop-l${index}-writer`]).toEqual([`write ${name}`, ...reads]);
    }
    expect(layers).toHaveLength(7);
  });

  test("everything else a policy permits", () => {
    const table = Object.entries(grantTable(usdcop.access)).filter(([name]) => !/^usdcop-l\d-writer$/.test(name));
    expect(Object.fromEntries(table)).toEqual({
      "usdcop-bucket-backup": [
        "keep 99-common-trading-backups type=daily/",
        "back_up 00-raw-usdcop-marketdata",
        "back_up 99-common-trading-models",
        "back_up usdcop-l6-backtest",
      ],
      "usdcop-backup-drill": ["restore 99-common-trading-backups type=daily/", "drill bucketworks-drill-*"],
      "usdcop-validator": [
        ...BUCKETS.map(([, name]) => `inspect ${name}`),
        "write 99-common-trading-reports type=daily/",
      ],
      "usdcop-reporter": [
        ...BUCKETS.map(([, name]) => `inspect ${name}`),
        ...BUCKETS.map(([, name]) => `list ${name}`),
        "write 99-common-trading-reports type=monthly/ type=quarterly/ type=weekly/",
      ],
      "usdcop-emergency-backups": ["write 99-common-trading-backups type=emergency/", "read 99-common-trading-backups"],
      "usdcop-engineering-reader": [
        "read 00-raw-usdcop-marketdata",
        "read 01-l1-ds-usdcop-standardize",
        "read 02-l2-ds-usdcop-prepare",
        "read 03-l3-ds-usdcop-feature",
        "read 04-l4-ds-usdcop-rlready",
      ],
      "usdcop-lister": expect.arrayContaining(usdcop.buckets.map(({ name }) => `list ${name}`)),
      "usdcop-models-reader": ["read 99-common-trading-models model_type="],
      "usdcop-models-writer": [
        "write 99-common-trading-models",
        "read 99-common-trading-models checkpoints/",
        "read 04-l4-ds-usdcop-rlready",
      ],
      "usdcop-reports-writer": ["write 99-common-trading-reports", "read usdcop-l6-backtest reports/"],
      "usdcop-results-reader": [
        "read 05-l5-ds-usdcop-serving",
        "read usdcop-l6-backtest",
        "read 99-common-trading-reports",
      ],
    });
  });

  test("who has which policies", () => {
    const layer = (index: number, more = ""): [string, string] => [
      `job usdcop-l${index}-job`,
      `usdcop-pipeline: usdcop-l${index}-writer${more}`,
    ];
    const pipeline = [0, 1, 2, 3, 4, 5, 6].map((index) => `usdcop-l${index}-writer`);
    expect(identityTable(usdcop.access)).toEqual({
      "group usdcop-analysts": "usdcop-results-reader",
      "group usdcop-engineers": "usdcop-engineering-reader",
      "group usdcop-operators": "usdcop-emergency-backups usdcop-lister",
      "user usdcop-backup-drill": "usdcop-backup-drill",
      "user usdcop-bucket-backup": "usdcop-bucket-backup",
      "user usdcop-pipeline": [...pipeline, "usdcop-models-reader", "usdcop-reports-writer"].join(" "),
      "user usdcop-reporting": "usdcop-reporter",
      "user usdcop-training": "usdcop-models-writer",
      "user usdcop-validation": "usdcop-validator",
      "job usdcop-backup-drill-job": "usdcop-backup-drill: usdcop-backup-drill",
      "job usdcop-bucket-backup-job": "usdcop-bucket-backup: usdcop-bucket-backup",
      ...Object.fromEntries([0, 1, 2, 3, 4].map((index) => layer(index))),
      ...Object.fromEntries([5, 6].map((index) => layer(index, " usdcop-models-reader"))),
      "job usdcop-report-job": "usdcop-pipeline: usdcop-reports-writer",
      "job usdcop-reporter": "usdcop-reporting: usdcop-reporter",
      "job usdcop-training-job": "usdcop-training: usdcop-models-writer",
      "job usdcop-validator": "usdcop-validation: usdcop-validator",
    });
  });

  test("nobody deletes: rules do, and drills what they made", () => {
    const roles = usdcop.access.policies
      .filter(({ key }) => key !== "backup-drill")
      .flatMap(({ grants }) => grants.map(({ role }) => role));
    expect([...new Set(roles)].sort()).toEqual(["back_up", "inspect", "keep", "list", "read", "write"]);
  });
});

describe("the file", () => {
  test("has the source's version and label (U-037, U-047, U-109)", () => {
    expect(usdcop).toMatchObject({ version: "v1.0.0", environment: "production" });
    expect(usdcop.description).not.toBe("");
  });

  test("falls back to the source's server in dev (U-038, U-039, U-045), to none and so to TLS in production (U-046, U-082)", () => {
    const dev = { endpoint: "localhost:9000", secure: false, region: "us-east-1" };
    expect(resolved("usdcop", "dev").connection).toEqual(dev);
    expect(resolved("usdcop", "production").connection).toBeNull();
  });

  test("keeps less in dev, by an overlay instead of a copy (U-044)", () => {
    expect(bucket(platform("usdcop", "dev"), "00-raw-usdcop-marketdata")).toMatchObject({
      retentionDays: 7,
      quotaBytes: null,
    });
  });

  test("has group keys of its own for the other nine buckets (U-036, U-040)", () => {
    expect(usdcop.buckets.map(({ group }) => group)).toEqual([
      "l0_raw_data",
      "l1_standardized",
      "l2_prepared",
      "l3_features",
      "l4_rl_ready",
      "l5_serving",
      "common_backups",
      "common_models",
      "common_reports",
      "l6_backtest",
    ]);
  });
});
