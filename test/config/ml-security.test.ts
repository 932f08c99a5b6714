import { describe, expect, test } from "vitest";
import { hasForm } from "../../config/paths/placeholders.ts";
import { type Example, expectRoundTrips } from "../support/path-examples.ts";
import { bucket, grantTable, identityTable, keeping, platform } from "../support/platforms.ts";

const security = platform("ml-security");
const run = { experiment_id: "114", mlflow_run_id: "8de878208a774784aeac41e66554d0df" };
const RUN = "114/8de878208a774784aeac41e66554d0df/";

/** Keys of the source, but `archived/` of training-data, which it has a rule and no example for. */
const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  "mlflow-artifacts": [
    // M-024
    ["experiment", { experiment_id: "113" }, "113/"],
    ["run", run, RUN],
    ["model", run, `${RUN}artifacts/model/`],
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
    ["data", run, `${RUN}artifacts/data/`],
    ["logs", run, `${RUN}artifacts/logs/`],
    ["meta", run, `${RUN}meta.yaml`],
  ],
  "ml-security": [
    // M-025, M-028, M-029
    ["model_versions", { model: "distilbert", model_version: "v1.0.1234" }, "models/distilbert/v1.0.1234/"],
    ["models", { model: "bert" }, "models/bert/"],
    ["model_file", { model: "distilbert" }, "models/distilbert/model.pkl"],
    ["data_fresh", {}, "data/fresh/"],
    ["data_used", {}, "data/used/"],
    ["data_archived", {}, "data/archived/"],
    ["configs", {}, "configs/"],
  ],
  "training-data": [
    // M-026, M-030
    ["custom", {}, "custom/"],
    ["synthetic", {}, "synthetic/"],
    ["augmented", {}, "augmented/"],
    ["processed", {}, "processed/"],
    ["archived", {}, "archived/"],
  ],
  "red-team-data": [
    // M-027, M-031
    ["attacks", {}, "attacks/"],
    ["results", {}, "results/"],
    ["vulnerabilities", {}, "vulnerabilities/"],
    ["reports", {}, "reports/"],
  ],
};

describe("buckets", () => {
  test("are the four that MINIO_DEFAULT_BUCKETS lists, and one for their backups (M-001, M-010)", () => {
    const listed = "mlflow-artifacts,ml-security,training-data,red-team-data".split(",");
    expect(security.buckets.map(({ name }) => name)).toEqual([...listed, "ml-security-backups"].sort());
  });

  test.each([
    // the second rule of the source's two, M-057, would delete registered models: off, and on in dev
    ["M-024, M-055, M-059", "mlflow-artifacts", "for ever, versions 30 days, DeleteOldVersions versions 30 days"],
    [
      "M-025, M-045, M-056, M-058",
      "ml-security",
      "for ever, versions 90 days, drop-used-data data/used/ 30 days, ArchiveOldData data/archived/ to GLACIER at 90 days",
    ],
    ["M-026, M-056", "training-data", "for ever, versions 30 days, ArchiveOldData archived/ to GLACIER at 90 days"],
    ["M-027", "red-team-data", "for ever, versions 365 days"],
  ])("%s: %s is versioned and keeps what it should (M-003)", (_, name, kept) => {
    const found = bucket(security, name);
    expect(found.versioning).toBe(true);
    expect(keeping(found)).toBe(kept);
  });

  test("M-057: everything of mlflow-artifacts goes after 90 days in dev only", () => {
    expect(bucket(platform("ml-security", "dev"), "mlflow-artifacts").retentionDays).toBe(90);
    expect(bucket(security, "mlflow-artifacts").retentionDays).toBeNull();
  });
});

test("M-004, M-052, M-054: every bucket is backed up each night, and kept locked for as long as it can be restored", () => {
  const { backup, buckets } = security;
  const target = bucket(security, "ml-security-backups");
  expect([backup?.schedule, backup?.keepDays, backup?.bucket]).toEqual(["29 3 * * *", 35, target.name]);
  expect(target.objectLock).toEqual({ mode: "compliance", days: 35 });
  expect([...(backup?.buckets.map((each) => each.bucket) ?? []), target.name].sort()).toEqual(
    buckets.map(({ name }) => name).sort(),
  );
});

describe("paths", () => {
  test("are built from and read back as the source's examples (M-024 to M-031)", () => {
    expectRoundTrips("ml-security", EXAMPLES);
  });

  test("M-028: a model's version is v1.0. and a build number", () => {
    for (const version of ["v1.0.1234", "v1.0.1233"]) expect(hasForm("model_version", version)).toBe(true);
    for (const version of ["1.0.1234", "v1.0", "v1.0.01234"]) expect(hasForm("model_version", version)).toBe(false);
  });

  test("M-038: each target of DATA_BUCKETS is a bucket, or a prefix its paths begin with", () => {
    const targets = {
      training_data: "ml-security/data",
      models: "ml-security/models",
      artifacts: "mlflow-artifacts",
      red_team: "red-team-data",
    };
    for (const target of Object.values(targets)) {
      const [name = "", prefix] = target.split("/", 2);
      const paths = Object.values(bucket(security, name).paths);
      if (prefix !== undefined) expect(paths.some((path) => path.startsWith(`${prefix}/`))).toBe(true);
    }
  });
});

describe("access (M-007, M-042)", () => {
  test("what each policy permits", () => {
    expect(grantTable(security.access)).toEqual({
      // M-041, with the list that MLflow needs (M-036)
      "mlflow-artifacts-rw": ["read_write mlflow-artifacts"],
      // M-035: upload, download, listing by prefix, removal; M-037: a key of its own instead of root's
      "ml-security-training": [
        "read_write ml-security data/ models/",
        "read ml-security configs/",
        "read training-data",
      ],
      // M-038
      "ml-security-data-management": [
        "read_write ml-security data/",
        "read ml-security models/",
        "read_write training-data",
        "read mlflow-artifacts",
        "read red-team-data attacks/ results/",
      ],
      // M-045
      "ml-security-serving": ["read ml-security configs/ models/"],
      // M-027
      "ml-security-red-team": ["read_write red-team-data", "read ml-security models/"],
      "ml-security-research": ["read mlflow-artifacts", "read ml-security", "read training-data"],
      "ml-security-security-audit": [
        "read red-team-data reports/ vulnerabilities/",
        "list mlflow-artifacts",
        "list ml-security",
        "list training-data",
        "list red-team-data",
      ],
      "ml-security-bucket-backup": [
        "keep ml-security-backups buckets/",
        "back_up ml-security",
        "back_up mlflow-artifacts",
        "back_up red-team-data",
        "back_up training-data",
      ],
      "ml-security-backup-drill": ["restore ml-security-backups buckets/", "drill bucketworks-drill-*"],
    });
  });

  test("who has which policies", () => {
    expect(identityTable(security.access)).toEqual({
      "group ml-security-auditors": "ml-security-security-audit",
      "group ml-security-red-teamers": "ml-security-red-team",
      "group ml-security-researchers": "ml-security-research",
      "user ml-security-backup-drill": "ml-security-backup-drill",
      "job ml-security-backup-drill-job": "ml-security-backup-drill: ml-security-backup-drill",
      "user ml-security-bucket-backup": "ml-security-bucket-backup",
      "job ml-security-bucket-backup-job": "ml-security-bucket-backup: ml-security-bucket-backup",
      "user mlflow": "mlflow-artifacts-rw",
      "user ml-security-pipeline": "ml-security-data-management ml-security-training",
      "user ml-security-red-team": "ml-security-red-team",
      "user ml-security-serving": "ml-security-serving",
      "job ml-security-data-job": "ml-security-pipeline: ml-security-data-management",
      "job ml-security-red-team-job": "ml-security-red-team: ml-security-red-team",
      "job ml-security-serving-api": "ml-security-serving: ml-security-serving",
      "job ml-security-training-job": "ml-security-pipeline: ml-security-training",
      "job mlflow-server": "mlflow: mlflow-artifacts-rw",
    });
  });

  test("vulnerabilities and findings are for the red team and the auditors alone, but for what backs them up (M-027)", () => {
    const reaching = security.access.policies.filter(({ grants }) =>
      grants.some(
        ({ role, bucket: name, prefixes }) =>
          name === "red-team-data" &&
          role !== "list" &&
          (prefixes.length === 0 || prefixes.includes("vulnerabilities/")),
      ),
    );
    expect(reaching.map(({ key }) => key)).toEqual(["bucket-backup", "red-team", "security-audit"]);
  });
});
