import { describe, expect, test } from "vitest";
import { findPath } from "../../config/paths/bucket-paths.ts";
import { type Example, expectRoundTrips } from "../support/path-examples.ts";
import { bucket, grantTable, identityTable, keeping, platform } from "../support/platforms.ts";
import { faultsOf } from "../support/spec.ts";

const cybersec = platform("cybersec");
const [date, model_version] = ["20251220", "v1.2.0"];

/** RAW has the source's own example (CS-022, CS-023); it describes no other layout. */
const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "cybersec-ml-raw": [["events", { ingested_at: "20251220_121209" }, "network_events_20251220_121209.parquet"]],
  "cybersec-ml-silver": [
    ["events", { date, run_id: "20251220121209-abc123" }, "date=20251220/run_id=20251220121209-abc123/"],
  ],
  "cybersec-ml-models": [
    ["models", { model: "isolation-forest", model_version }, "models/isolation-forest/v1.2.0/"],
    [
      "mlflow_artifacts",
      { experiment_id: "114", mlflow_run_id: "8de878208a774784aeac41e66554d0df" },
      "mlflow/114/8de878208a774784aeac41e66554d0df/artifacts/",
    ],
    [
      "mlflow_models",
      { experiment_id: "114", mlflow_model_id: "m-8de878208a774784aeac41e66554d0df" },
      "mlflow/114/models/m-8de878208a774784aeac41e66554d0df/artifacts/",
    ],
    [
      "mlflow_traces",
      { experiment_id: "114", mlflow_trace_id: "tr-8de878208a774784aeac41e66554d0df" },
      "mlflow/114/traces/tr-8de878208a774784aeac41e66554d0df/artifacts/",
    ],
  ],
  "cybersec-ml-eval": [
    [
      "results",
      { model: "isolation-forest", model_version, date },
      "model=isolation-forest/version=v1.2.0/date=20251220/",
    ],
  ],
};

describe("buckets", () => {
  test.each([
    ["CS-014", "cybersec-ml-raw", "RAW", "365 days, versions 90 days"],
    ["CS-015", "cybersec-ml-silver", "SILVER", "180 days, versions 30 days"],
    ["CS-016", "cybersec-ml-models", "MODELS", "for ever, versions 365 days"],
    ["CS-017", "cybersec-ml-eval", "EVAL", "730 days, versions 30 days"],
  ])(
    "%s: %s is layer %s, versioned, encrypted, kept for a time of its own (CS-046, CS-047, CS-048, CS-050)",
    (_, name, layer, kept) => {
      const found = bucket(cybersec, name);
      expect(found).toMatchObject({ layer, versioning: true, encryption: { type: "sse-s3" }, tags: { layer } });
      expect(keeping(found)).toBe(kept);
    },
  );

  test("are the four layers and no more (CS-003, CS-004, CS-009, CS-013)", () => {
    expect(cybersec.buckets.map(({ layer }) => layer)).toEqual(["EVAL", "MODELS", "RAW", "SILVER"]);
  });
});

describe("paths", () => {
  test("are built and read back, the source's example in RAW (CS-006, CS-012, CS-022, CS-023)", () => {
    expectRoundTrips("cybersec", EXAMPLES);
  });

  test("no path is one of a local file system (CS-008, CS-010, CS-011)", () => {
    const paths = cybersec.buckets.flatMap(({ paths }) => Object.values(paths));
    expect(paths.filter((path) => path.startsWith("/") || path.includes("data/ingested"))).toEqual([]);
  });

  test("the second run of a second has a number behind the time", () => {
    const { paths } = bucket(cybersec, "cybersec-ml-raw");
    expect(findPath(paths, "network_events_20251220_121209-1.parquet")).toMatchObject({ ok: true });
    expect(findPath(paths, "network_events_20251220_121209-12.parquet")).toMatchObject({ ok: true });
  });

  test("a file name that isn't a time is told apart (CS-007)", () => {
    const { paths } = bucket(cybersec, "cybersec-ml-raw");
    for (const time of ["20251320_121209", "20251220_121209-0", "20251220_121260-1"]) {
      expect(findPath(paths, `network_events_${time}.parquet`)).toMatchObject({
        ok: false,
        faults: [{ kind: "malformed", placeholder: "ingested_at" }],
      });
    }
  });
});

test("the console's port takes no S3 calls: it is refused as an endpoint (CS-041)", () => {
  expect(faultsOf('minio_config: {endpoint: "localhost:9001"}\n')).toEqual([expect.stringContaining("console-port")]);
  expect(faultsOf('minio_config: {endpoint: "localhost:9000"}\n')).toEqual([]);
});

describe("access", () => {
  test("each layer has one writer; ingestion writes RAW and nothing else (CS-005, CS-014, CS-018, CS-049)", () => {
    expect(grantTable(cybersec.access)).toEqual({
      "cybersec-ingestion": ["write cybersec-ml-raw"],
      "cybersec-transformation": ["write cybersec-ml-silver", "read cybersec-ml-silver", "read cybersec-ml-raw"],
      "cybersec-training": [
        "write cybersec-ml-models models/",
        "list cybersec-ml-models models/",
        "read cybersec-ml-silver",
      ],
      "cybersec-evaluation": ["write cybersec-ml-eval", "read cybersec-ml-models models/", "read cybersec-ml-silver"],
      "cybersec-mlflow": ["read_write cybersec-ml-models mlflow/"],
      "cybersec-analysis": ["read cybersec-ml-silver", "read cybersec-ml-eval"],
      "cybersec-audit": [
        "read cybersec-ml-raw",
        "list cybersec-ml-silver",
        "list cybersec-ml-models",
        "list cybersec-ml-eval",
      ],
    });
  });

  test("who has which policies", () => {
    expect(identityTable(cybersec.access)).toEqual({
      "group cybersec-analysts": "cybersec-analysis",
      "group cybersec-auditors": "cybersec-audit",
      "user cybersec-audit": "cybersec-audit",
      "user cybersec-ingestion": "cybersec-ingestion",
      "user cybersec-mlflow": "cybersec-mlflow",
      "user cybersec-pipeline": "cybersec-evaluation cybersec-training cybersec-transformation",
      "job cybersec-evaluation-job": "cybersec-pipeline: cybersec-evaluation",
      "job cybersec-ingestion-job": "cybersec-ingestion: cybersec-ingestion",
      "job cybersec-mlflow-server": "cybersec-mlflow: cybersec-mlflow",
      "job cybersec-reconciliation-job": "cybersec-audit: cybersec-audit",
      "job cybersec-training-job": "cybersec-pipeline: cybersec-training",
      "job cybersec-transformation-job": "cybersec-pipeline: cybersec-transformation",
    });
  });
});

test("the ingestion runs daily at two, UTC, with its own key and login alone, from its own image (CS-025)", () => {
  const [ingestion] = cybersec.workloads;
  expect(ingestion).toMatchObject({
    name: "cybersec-ingestion",
    image: "cybersec",
    run: { kind: "scheduled_job", schedule: "0 2 * * *", timeZone: "Etc/UTC", deadlineSeconds: 1800, retries: 3 },
    steps: [{ serviceAccount: "cybersec-ingestion-job", databaseRole: "cybersec_ingestion" }],
  });
});
