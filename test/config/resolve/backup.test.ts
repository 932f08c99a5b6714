import { expect, test } from "vitest";
import { accessPolicy } from "../../../builders/access-policy.ts";
import { longestLock } from "../../../config/values/backup-lock.ts";
import target from "../../../docs/backup-target-policy.json" with { type: "json" };
import { canonicalPolicy } from "../../../provider/canonical.ts";
import { grantTable, identityTable, platform } from "../../support/platforms.ts";
import { modelOf } from "../../support/spec.ts";

const SPEC = `bucket_groups:
  all:
    versioning: true
    buckets:
      - {name: raw-data}
      - {name: more-data}
      - {name: backups, object_lock: {mode: compliance, days: 30}}
backup:
  bucket: backups
  prefix: daily/
  schedule: "17 2 * * *"
  keep: 30
  buckets:
    - {name: raw-data, prefixes: [b/, a/, a/1/, b/]}
    - {name: more-data}
`;
const [made] = modelOf(SPEC).platforms;

test("a backup is resolved with its key's owner, sorted, no prefix within another", () => {
  expect(made?.backup).toEqual({
    ...{
      to: null,
      bucket: "backups",
      prefix: "daily/",
      schedule: "17 2 * * *",
      keepDays: 30,
      serviceAccount: "a-bucket-backup-job",
      drill: null,
    },
    buckets: [
      { bucket: "more-data", prefixes: [] },
      { bucket: "raw-data", prefixes: ["a/", "b/"] },
    ],
  });
});

test("user, policy and service account of a backup are generated: they read the sources and add to the target", () => {
  expect(identityTable(made?.access ?? (null as never))).toEqual({
    "user a-bucket-backup": "a-bucket-backup",
    "job a-bucket-backup-job": "a-bucket-backup: a-bucket-backup",
  });
  expect(grantTable(made?.access ?? (null as never))).toEqual({
    "a-bucket-backup": ["keep backups daily/", "back_up more-data", "back_up raw-data a/ b/"],
  });
  const grants = made?.access.policies.flatMap((policy) => policy.grants) ?? [];
  const { Statement } = accessPolicy(grants) as unknown as {
    Statement: { Effect: string; Action: string[]; Resource?: string[] }[];
  };
  const allowed = Statement.filter(({ Effect }) => Effect === "Allow");
  expect(allowed.flatMap(({ Action }) => Action).filter((each) => /Delete|Bypass|PutBucket/.test(each))).toEqual([]);
  const writing = allowed.filter(({ Action }) => Action.some((each) => each.startsWith("s3:Put")));
  expect(writing.flatMap(({ Resource = [] }) => Resource)).toEqual(writing.map(() => "arn:aws:s3:::backups/daily/*"));
});

test("the key of a backup on another server has rights on the sources alone, and its job is given the other one", () => {
  const [other] = modelOf(SPEC.replace("backup:\n", "backup:\n  to: offsite\n")).platforms;
  expect(other?.backup?.to).toBe("offsite");
  expect(grantTable(other?.access ?? (null as never))).toEqual({
    "a-bucket-backup": ["back_up more-data", "back_up raw-data a/ b/"],
  });
  const steps = made?.workloads[0]?.steps.map((step) => ({ ...step, backupTarget: "offsite" }));
  expect(other?.workloads).toEqual([{ ...made?.workloads[0], steps }]);
});

test("the policy in the docs for the key on another server is the one that a backup of 90 days has on its own", () => {
  const keep = { role: "keep", bucket: "offsite-backups", prefixes: [], lockDays: longestLock(90) } as const;
  expect(canonicalPolicy(target)).toEqual(accessPolicy([keep]));
});

test("a scheduled job makes it by its schedule, with its own key and the platform's file", () => {
  expect(made?.workloads).toMatchObject([
    {
      name: "a-bucket-backup",
      run: { kind: "scheduled_job", schedule: "17 2 * * *", timeZone: "Etc/UTC", retries: 2 },
      config: "a-bucket-backup",
      steps: [{ arguments: ["backup", "run", "/app/config/a.yaml"], serviceAccount: "a-bucket-backup-job" }],
    },
  ]);
});

const DRILL = '  drill: {schedule: "47 4 * * 0"}\n';
const withDrill = (spec = SPEC, drill = DRILL) =>
  modelOf(spec.replace("  keep: 30\n", `  keep: 30\n${drill}`)).platforms[0];

test("a scheduled drill has a key of its own, which reads the backups and reaches scratch buckets alone", () => {
  const drilled = withDrill();
  expect(drilled?.backup?.drill).toEqual({
    ...{ schedule: "47 4 * * 0", sample: 100, serviceAccount: "a-backup-drill-job", databaseRole: null },
  });
  expect(grantTable(drilled?.access ?? (null as never))).toMatchObject({
    "a-backup-drill": ["restore backups daily/", "drill bucketworks-drill-*"],
  });
  expect(drilled?.workloads).toMatchObject([
    {
      name: "a-backup-drill",
      run: { kind: "scheduled_job", schedule: "47 4 * * 0", timeZone: "Etc/UTC", retries: 0 },
      config: "a-backup-drill",
      steps: [
        { arguments: ["backup", "drill", "/app/config/a.yaml"], serviceAccount: "a-backup-drill-job", variables: {} },
      ],
    },
    { name: "a-bucket-backup" },
  ]);
});

test("a drill with a database role keeps its results by that login; of backups elsewhere it has that server's key, too", () => {
  const DATABASE = "database: {name: a_db, roles: {history: {}}}\n";
  const role = '  drill: {schedule: "47 4 * * 0", sample: 5, database_role: history}\n';
  const [job] = withDrill(SPEC + DATABASE, role)?.workloads ?? [];
  expect(job?.steps).toMatchObject([
    { databaseRole: "a_history", variables: { BUCKETWORKS_HISTORY: "postgresql://" } },
  ]);
  const other = withDrill(SPEC.replace("backup:\n", "backup:\n  to: offsite\n"));
  expect(other?.workloads[0]?.steps).toMatchObject([
    {
      arguments: ["backup", "drill", "/app/config/a.yaml"],
      serviceAccount: "a-backup-drill-job",
      backupTarget: "offsite",
    },
  ]);
  expect(grantTable(other?.access ?? (null as never))["a-backup-drill"]).toEqual(["drill bucketworks-drill-*"]);
});

test("U-088, ML-011: what can't be made again is backed up daily, and kept locked as long as it should", () => {
  const of = (name: string) => {
    const { backup, buckets } = platform(name, "production");
    const lock = buckets.find((bucket) => bucket.name === backup?.bucket)?.objectLock;
    return [backup?.schedule, backup?.keepDays, lock?.days, ...(backup?.buckets.map(({ bucket }) => bucket) ?? [])];
  };
  expect(of("usdcop")).toEqual([
    ...["17 2 * * *", 90, 90],
    ...["00-raw-usdcop-marketdata", "99-common-trading-models", "usdcop-l6-backtest"],
  ]);
  expect(of("mlops")).toEqual(["41 2 * * *", 35, 35, "mlops-artifacts", "mlops-dvc", "mlops-features"]);
});
