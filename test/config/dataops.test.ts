import { describe, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import { type Example, expectRoundTrips } from "../support/path-examples.ts";
import { bucket, grantTable, identityTable, keeping, platform } from "../support/platforms.ts";

const dataops = platform("dataops");

/** The source gives the pattern `dataset/table_name/created_at=YYYY-MM-DD:HH:MM:SS:MS` alone (DO-004), and a table's name. */
const raw = { dataset: "binance", table_name: "raw_binance_btcusdt_spot", created_at: "2025-09-11:12:34:56:789" };
const processed = { ...raw, table_name: "processed_binance_btcusdt_spot" };
const PROCESSED = "binance/processed_binance_btcusdt_spot/created_at=2025-09-11:12:34:56:789";
const RUN = { dataset: "binance", table_name: "raw_binance_btcusdt_spot", run_id: "20250911123456-abc123" };
const REPORTS = "reports/binance/raw_binance_btcusdt_spot/run_id=20250911123456-abc123/";
const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "dataops-staging-raw": [
    ["objects", raw, "binance/raw_binance_btcusdt_spot/created_at=2025-09-11:12:34:56:789"],
    ["reports", RUN, REPORTS],
  ],
  "dataops-staging-transformed": [
    ["objects", processed, PROCESSED],
    ["reports", RUN, REPORTS],
  ],
  "dataops-production": [
    ["objects", processed, PROCESSED],
    ["reports", RUN, REPORTS],
  ],
};

describe("buckets", () => {
  test.each([
    ["DO-002", "dataops-staging-raw", "staging", "365 days, versions 30 days"],
    ["the checkpoint of DO-017", "dataops-staging-transformed", "staging", "90 days, versions 30 days"],
    ["the target of DO-023", "dataops-production", "production", "for ever, versions 365 days"],
  ])("%s: %s is kept as it should be", (_, name, layer, kept) => {
    const found = bucket(dataops, name);
    expect(found).toMatchObject({ layer, versioning: true, tags: { layer } });
    expect(keeping(found)).toBe(kept);
  });

  test("DO-003: raw data is locked for as long as it is kept, in dev for a day", () => {
    const locks = (stage: string) =>
      platform("dataops", stage).buckets.map(({ name, objectLock }) => [name, objectLock] as const);
    expect(Object.fromEntries(locks("production"))).toEqual({
      "dataops-production": null,
      "dataops-staging-raw": { mode: "governance", days: 365 },
      "dataops-staging-transformed": null,
    });
    expect(Object.fromEntries(locks("dev"))).toMatchObject({ "dataops-staging-raw": { mode: "governance", days: 1 } });
  });
});

test("paths are built and read back, to tell origin and time of every object (DO-004, DO-005)", () => {
  expectRoundTrips("dataops", EXAMPLES);
});

describe("access", () => {
  test("what each policy permits", () => {
    expect(grantTable(dataops.access)).toEqual({
      "dataops-loader": ["write dataops-staging-raw", "restore dataops-staging-raw"],
      "dataops-transformer": [
        "restore dataops-staging-raw",
        "write dataops-staging-transformed",
        "restore dataops-staging-transformed",
      ],
      "dataops-validator": [
        "restore dataops-staging-raw",
        "write dataops-staging-raw reports/",
        "restore dataops-staging-transformed",
        "write dataops-staging-transformed reports/",
      ],
      "dataops-promoter": [
        "restore dataops-staging-raw reports/",
        "restore dataops-staging-transformed",
        "write dataops-production",
        "read dataops-production",
      ],
      "dataops-consumer": ["read dataops-production"],
      "dataops-reviewer": ["read dataops-staging-transformed", "list dataops-staging-raw"],
    });
  });

  test("who has which policies", () => {
    expect(identityTable(dataops.access)).toEqual({
      "group dataops-analysts": "dataops-consumer",
      "group dataops-reviewers": "dataops-reviewer",
      "user dataops-consumers": "dataops-consumer",
      "user dataops-pipeline": "dataops-loader dataops-transformer",
      "user dataops-promotion": "dataops-promoter",
      "user dataops-validation": "dataops-validator",
      "job dataops-consumer-app": "dataops-consumers: dataops-consumer",
      "job dataops-loader-job": "dataops-pipeline: dataops-loader",
      "job dataops-promoter-job": "dataops-promotion: dataops-promoter",
      "job dataops-transformer-job": "dataops-pipeline: dataops-transformer",
      "job dataops-validator-job": "dataops-validation: dataops-validator",
    });
  });

  test("DO-003: the loader has no right to delete, nor any on locks", () => {
    const { grants = [] } = dataops.access.policies.find(({ key }) => key === "loader") ?? {};
    expect(grants).not.toEqual([]);
    expect(JSON.stringify(accessPolicy(grants))).not.toMatch(/Delete|Retention|LegalHold|BypassGovernance/);
  });

  test("DO-022: who judges data puts reports alone, and who makes data has no key that judges", () => {
    const { grants = [] } = dataops.access.policies.find(({ key }) => key === "validator") ?? {};
    const writes = grants.filter(({ role }) => role === "write").map(({ prefixes }) => prefixes);
    expect(writes).toEqual([["reports/"], ["reports/"]]);
    const judges = dataops.access.users.filter(({ policies }) => policies.includes("dataops-validator"));
    expect(judges).toMatchObject([{ name: "dataops-validation", policies: ["dataops-validator"] }]);
  });

  test("production has one writer, and its consumers reach nothing of staging", () => {
    const writers = dataops.access.policies.filter(({ grants }) =>
      grants.some(({ role, bucket: name }) => name === "dataops-production" && role !== "read" && role !== "list"),
    );
    expect(writers.map(({ key }) => key)).toEqual(["promoter"]);
    const users = dataops.access.users.filter(({ policies }) => policies.includes("dataops-promoter"));
    expect(users.map(({ name }) => name)).toEqual(["dataops-promotion"]);
  });
});
