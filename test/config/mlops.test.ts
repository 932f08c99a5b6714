import { expect, test } from "vitest";
import { reportCommand } from "../../cli/experiment/report.ts";
import { identitiesOf, permits } from "../../verify/identities/rights.ts";
import { type Example, expectRoundTrips } from "../support/path-examples.ts";
import { bucket, grantTable, identityTable, keeping, platform } from "../support/platforms.ts";

const mlops = platform("mlops");
const date = "20250911";
const run = { experiment_id: "114", mlflow_run_id: "8de878208a774784aeac41e66554d0df" };

/** The source has no layout: these are ours, the tools' own where a tool has one. */
const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "mlops-dvc": [
    [
      "objects",
      { md5_head: "a3", md5_tail: "04afb96060aad90176268345e10355.dir" },
      "files/md5/a3/04afb96060aad90176268345e10355.dir",
    ],
  ],
  "mlops-artifacts": [
    ["run", run, "114/8de878208a774784aeac41e66554d0df/artifacts/"],
    ["model", run, "114/8de878208a774784aeac41e66554d0df/artifacts/model/"],
    [
      "logged_model",
      { experiment_id: "114", mlflow_model_id: "m-8de878208a774784aeac41e66554d0df" },
      "114/models/m-8de878208a774784aeac41e66554d0df/artifacts/",
    ],
    [
      "trace",
      { experiment_id: "114", mlflow_trace_id: "tr-8de878208a774784aeac41e66554d0df" },
      "114/traces/tr-8de878208a774784aeac41e66554d0df/artifacts/",
    ],
  ],
  "mlops-features": [
    ["data", { feature_group: "faces", feature_version: "v2", date }, "feature_group=faces/version=v2/date=20250911/"],
    ["profiles", { feature_group: "faces", feature_version: "v2" }, "_profiles/feature_group=faces/version=v2/"],
  ],
  "mlops-quality": [
    [
      "results",
      { suite: "faces", date, run_id: "20250911123456-abc123" },
      "suite=faces/date=20250911/run_id=20250911123456-abc123/",
    ],
  ],
  "mlops-reports": [
    ["ab_tests", { experiment: "mask-7", date }, "ab_tests/experiment=mask-7/date=20250911/"],
    ["comparisons", { model: "mask", date }, "comparisons/model=mask/date=20250911/"],
    ["drift", { date }, "drift/date=20250911/"],
  ],
  "mlops-backups": [["databases", {}, "postgres/"]],
  "mlops-logs": [],
  "mlops-audit-trail": [["events", { date }, "date=20250911/"]],
};

test.each([
  ["ML-017", "mlops-artifacts", "for ever, versions 365 days"],
  ["the DVC remote of ML-008", "mlops-dvc", "for ever, versions 90 days"],
  ["the offline store of ML-042", "mlops-features", "365 days, versions 30 days"],
  ["the results of ML-009 and ML-010", "mlops-quality", "180 days, no versions"],
  ["the reports of ML-040", "mlops-reports", "365 days, no versions"],
  ["the backups of ML-011 and ML-012", "mlops-backups", "35 days, versions 30 days"],
  ["the store of ML-061", "mlops-logs", "90 days, no versions"],
  ["the trail of ML-064", "mlops-audit-trail", "400 days, versions 30 days"],
])("%s: bucket %s keeps as long as it should", (_, name, kept) => {
  expect(keeping(bucket(mlops, name))).toBe(kept);
});

test("paths are built and read back", () => expectRoundTrips("mlops", EXAMPLES));

test("each policy permits what its work needs (ML-096)", () => {
  expect(grantTable(mlops.access)).toEqual({
    "mlops-mlflow": ["read_write mlops-artifacts"],
    "mlops-data-pipeline": [
      "read mlops-dvc",
      "write mlops-dvc",
      "read mlops-features",
      "write mlops-features",
      "write mlops-quality",
    ],
    "mlops-training": ["read mlops-dvc", "read mlops-features", "read mlops-artifacts", "write mlops-artifacts"],
    "mlops-experiment-report": ["write mlops-reports ab_tests/"],
    "mlops-drift-report": ["write mlops-reports drift/"],
    "mlops-serving": ["read mlops-artifacts"],
    "mlops-reporting": ["write mlops-reports", "read mlops-quality", "read mlops-features _profiles/"],
    "mlops-backup": ["list mlops-backups", "read mlops-backups postgres/", "write mlops-backups postgres/"],
    "mlops-bucket-backup": [
      "keep mlops-backups buckets/",
      "back_up mlops-artifacts",
      "back_up mlops-dvc",
      "back_up mlops-features",
    ],
    "mlops-backup-drill": ["restore mlops-backups buckets/", "drill bucketworks-drill-*"],
    "mlops-log-store": ["read_write mlops-logs"],
    "mlops-audit-writer": ["write mlops-audit-trail"],
    "mlops-science": [
      "read mlops-dvc",
      "read mlops-artifacts",
      "read mlops-features",
      "read mlops-quality",
      "read mlops-reports",
    ],
    "mlops-feature-store": ["read mlops-features", "write mlops-features _profiles/"],
    "mlops-audit-reader": ["read mlops-audit-trail", "read mlops-logs"],
    "mlops-restore": ["read mlops-backups"],
  });
});

test("who has which policies", () => {
  expect(identityTable(mlops.access)).toEqual({
    "group mlops-auditors": "mlops-audit-reader",
    "group mlops-operators": "mlops-restore",
    "group mlops-scientists": "mlops-science",
    "user mlops-backup": "mlops-backup",
    "user mlops-backup-drill": "mlops-backup-drill",
    "job mlops-backup-drill-job": "mlops-backup-drill: mlops-backup-drill",
    "user mlops-bucket-backup": "mlops-bucket-backup",
    "user mlops-features": "mlops-feature-store",
    "user mlops-logging": "mlops-audit-writer mlops-log-store",
    "user mlops-mlflow": "mlops-mlflow",
    "user mlops-pipeline": "mlops-data-pipeline mlops-reporting mlops-training",
    "user mlops-reporting": "mlops-drift-report mlops-experiment-report",
    "user mlops-serving": "mlops-serving",
    "job mlops-audit-log": "mlops-logging: mlops-audit-writer",
    "job mlops-backup-job": "mlops-backup: mlops-backup",
    "job mlops-bucket-backup-job": "mlops-bucket-backup: mlops-bucket-backup",
    "job mlops-data-pipeline": "mlops-pipeline: mlops-data-pipeline",
    "job mlops-drift-report": "mlops-reporting: mlops-drift-report",
    "job mlops-experiment-report": "mlops-reporting: mlops-experiment-report",
    "job mlops-feature-store": "mlops-features: mlops-feature-store",
    "job mlops-log-store": "mlops-logging: mlops-log-store",
    "job mlops-mlflow-server": "mlops-mlflow: mlops-mlflow",
    "job mlops-model-api": "mlops-serving: mlops-serving",
    "job mlops-model-training": "mlops-pipeline: mlops-training",
    "job mlops-report-job": "mlops-pipeline: mlops-reporting",
  });
});

test("ML-017: artifacts are written by MLflow and training alone, and served read-only", () => {
  const roles = mlops.access.policies.flatMap(({ key, grants }) =>
    grants.filter(({ bucket: name }) => name === "mlops-artifacts").map(({ role }) => `${key} ${role}`),
  );
  expect(roles).toEqual([
    "bucket-backup back_up",
    "mlflow read_write",
    "science read",
    "serving read",
    "training read",
    "training write",
  ]);
});

test("ML-063: logs and the audit trail are read by auditors and the log store alone", () => {
  const readers = mlops.access.policies.filter(({ grants }) =>
    grants.some(({ role, bucket: name }) => /^mlops-(logs|audit)$/.test(name) && role !== "write"),
  );
  expect(readers.map(({ key }) => key)).toEqual(["audit-reader", "log-store"]);
});

/** Programs that leave a report, by the clock. */
const reports = mlops.workloads.filter(({ name }) => name.endsWith("-report"));

test("ML-039: experiments and drift are reported every day, by the clock of the platform's file", () => {
  expect(reports.map(({ name, image, run: { kind, ...when } }) => ({ name, image, kind, when }))).toMatchObject([
    { name: "mlops-drift-report", image: "mlops", kind: "scheduled_job", when: { schedule: "43 5 * * *" } },
    { name: "mlops-experiment-report", image: "experiments", kind: "scheduled_job", when: { schedule: "29 5 * * *" } },
  ]);
});

test("ML-039: the report of experiments is a command line that the command takes, stored where the bucket has a path for it", () => {
  const [, job] = reports;
  const [group, verb, ...given] = job?.steps[0]?.arguments ?? [];
  expect([group, verb, job?.steps[0]?.databaseRole]).toEqual(["experiment", "report", "mlops_experiment_report"]);
  const command = reportCommand().exitOverride();
  const { operands, unknown } = command.parseOptions(given);
  expect({ operands, unknown }).toEqual({ operands: ["/app/config/mlops.yaml"], unknown: [] });
  const place = command.opts().store("one");
  expect(place.bucket).toBe("mlops-reports");
  const paths = Object.values(bucket(mlops, "mlops-reports").paths).map((path) => path.replace("{experiment}", "one"));
  expect(paths).toContain(place.prefix);
});

test.each(reports)(
  "the key of $name writes its own folder of reports, and nothing else of the platform",
  ({ name, steps }) => {
    const own = identitiesOf(mlops.access).find((each) => each.name === steps[0]?.serviceAccount);
    if (own === undefined) throw new Error("it has a service account");
    const folder = name === "mlops-drift-report" ? "drift/" : "ab_tests/";
    expect(permits(own, "put", "mlops-reports", `${folder}x`)).toBe(true);
    expect(permits(own, "put", "mlops-reports", "comparisons/x")).toBe(false);
    for (const { name: each } of mlops.buckets) {
      for (const deed of ["get", "list", "delete"] as const) expect(permits(own, deed, each, `${folder}x`)).toBe(false);
      if (each !== "mlops-reports") expect(permits(own, "put", each, `${folder}x`)).toBe(false);
    }
  },
);
