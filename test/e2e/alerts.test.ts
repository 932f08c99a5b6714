import { afterAll, expect, test } from "vitest";
import { type Alert, alertOf, type Watched } from "../../builders/monitoring/alert.ts";
import { alertGroups } from "../../builders/monitoring/prometheus-rule.ts";
import { type AlertCase, JudgedAlerts } from "../support/judged-alerts.ts";
import { platform } from "../support/platforms.ts";

const plain = platform("usdcop");
const toStandby = { to: "standby", bucket: "copy", prefix: "", priority: 1 };
const rule = { ...toStandby, deleteMarkers: false, deleteVersions: false, existingObjects: true };
const place = { bucket: "99-common-trading-backups", prefix: "databases/", serviceAccount: "job" };
/** With one bucket that is copied to another server, and databases that are backed up. */
const usdcop = {
  ...plain,
  databaseBackup: { ...place, archiveTimeoutSeconds: 60, schedule: "11 1 * * *" },
  buckets: plain.buckets.map((bucket, index) => (index === 0 ? { ...bucket, replication: [rule] } : bucket)),
};
const { alerting } = usdcop;
if (alerting === null) throw new Error("usdcop asks for no alerts");
const watched: Watched = {
  platform: usdcop,
  server: { namespace: "mlops", service: "minio-service", monitoringLabels: {} },
};
const groups = alertGroups(watched, alerting);
const alerts = groups.flatMap(({ rules }) => rules);

const baseBackup = (what: string): string =>
  `kube_cronjob_${what}{namespace="mlops",cronjob="mlops-postgresql-base-backup"}`;
const checker = new JudgedAlerts(groups);
afterAll(() => checker.remove());

test("Prometheus's own checker takes the rules of every platform that asks for alerts", () => {
  for (const name of ["usdcop", "ml-security"]) {
    const each = platform(name);
    if (each.alerting === null) throw new Error(`${name} asks for no alerts`);
    const of = alertGroups({ ...watched, platform: each }, each.alerting);
    const { code, said } = checker.checked(of);
    expect(said).toContain(`SUCCESS: ${of.flatMap(({ rules }) => rules).length} rules found`);
    expect(code).toBe(0);
  }
});

test("it refuses a rule that is none", () => {
  const broken = {
    name: "X",
    expression: "sum(rate(up[5m]) > 1",
    seconds: 60,
    severity: "warning",
    summary: "s",
  } as const;
  const { code, said } = checker.checked([{ name: "broken", rules: [alertOf(broken, watched)] }]);
  expect(code).not.toBe(0);
  expect(said).toMatch(/could not parse expression|unclosed left parenthesis/);
});

/** Labels of whatever Prometheus's operator scrapes from the server. */
const JOB = 'namespace="mlops",job="minio-service"';
const RAW = `bucket="00-raw-usdcop-marketdata",${JOB}`;
const REQUESTS = `{api="getobject",server="a",${RAW}}`;
const CRON = '{namespace="mlops",cronjob="usdcop-validator"}';
const HEALTHY = { [`minio_cluster_health_status{${JOB}}`]: "1x400" };
const buckets = (count: number): Record<string, string> =>
  Object.fromEntries(
    usdcop.buckets
      .slice(0, count)
      .map(({ name }) => [`minio_bucket_usage_total_bytes{bucket="${name}",${JOB}}`, "5x400"]),
  );

const CASES: Readonly<Record<string, AlertCase>> = {
  ObjectStorageSilent: {
    fires: { 'minio_cluster_health_status{namespace="another",job="minio-service"}': "1x400" },
    after: "10m",
    summary: "The state of the object storage of usdcop isn't known: no server returns its metrics.",
    labels: { namespace: "mlops", job: "minio-service" },
    quiet: HEALTHY,
  },
  ObjectStorageUnhealthy: {
    fires: {
      [`minio_cluster_health_status{${JOB},pod="a"}`]: "1x400",
      [`minio_cluster_health_status{${JOB},pod="b"}`]: "0x400",
    },
    after: "10m",
    summary: "The object storage of usdcop refuses writes: too few drives or servers are online.",
    quiet: HEALTHY,
  },
  ServersOffline: {
    fires: { [`minio_cluster_nodes_offline_total{${JOB}}`]: "1x400" },
    after: "10m",
    summary: "1 server(s) of the object storage of usdcop are offline.",
    quiet: { [`minio_cluster_nodes_offline_total{${JOB}}`]: "1x5 0x400" },
  },
  DrivesOffline: {
    fires: { [`minio_cluster_drive_offline_total{${JOB}}`]: "2x400" },
    after: "10m",
    summary: "2 drive(s) of the object storage of usdcop are offline.",
    quiet: { [`minio_cluster_drive_offline_total{${JOB}}`]: "0x400" },
  },
  RequestsFail: {
    // Two pods tell the same counts: they are one.
    fires: {
      [`minio_bucket_requests_total${REQUESTS.replace("{", '{pod="x",')}`]: "0+100x400",
      [`minio_bucket_requests_total${REQUESTS.replace("{", '{pod="y",')}`]: "0+100x400",
      [`minio_bucket_requests_5xx_errors_total${REQUESTS}`]: "0+6x400",
    },
    after: "20m",
    summary: "6.0% of the requests to buckets of usdcop fail by the server's fault, allowed are 5%.",
    quiet: {
      [`minio_bucket_requests_total${REQUESTS}`]: "0+100x400",
      [`minio_bucket_requests_5xx_errors_total${REQUESTS}`]: "0+5x400",
      [`minio_bucket_requests_5xx_errors_total${REQUESTS.replace("00-raw-usdcop-marketdata", "of-somebody-else")}`]:
        "0+90x400",
    },
  },
  ReplicationFails: {
    // Each server of a cluster tells of its own, each target apart: the worst of them counts.
    fires: {
      [`minio_bucket_replication_last_hour_failed_count{server="a",targetArn="x",${RAW}}`]: "0x400",
      [`minio_bucket_replication_last_hour_failed_count{server="b",targetArn="x",${RAW}}`]: "3x400",
    },
    after: "5m",
    summary:
      "Of bucket 00-raw-usdcop-marketdata of usdcop 3 tries to copy an object to the other server failed in the last hour.",
    labels: { bucket: "00-raw-usdcop-marketdata" },
    quiet: {
      [`minio_bucket_replication_last_hour_failed_count{server="a",targetArn="x",${RAW}}`]: "0x400",
      'minio_bucket_replication_last_hour_failed_count{namespace="mlops",job="minio-service",bucket="of-somebody-else"}':
        "9x400",
    },
  },
  ReplicationStalled: {
    // As a server sends them whose target was killed: what was sent before stands still. Another target takes copies.
    fires: {
      [`minio_bucket_replication_last_hour_failed_count{server="a",targetArn="x",${RAW}}`]: "3x400",
      [`minio_bucket_replication_last_hour_failed_bytes{server="a",targetArn="x",${RAW}}`]: "3072x400",
      [`minio_bucket_replication_sent_count{server="a",targetArn="x",${RAW}}`]: "6x400",
      [`minio_bucket_replication_last_hour_failed_count{server="a",targetArn="y",${RAW}}`]: "1x400",
      [`minio_bucket_replication_last_hour_failed_bytes{server="a",targetArn="y",${RAW}}`]: "9000x400",
      [`minio_bucket_replication_sent_count{server="a",targetArn="y",${RAW}}`]: "0+1x400",
    },
    after: "5m",
    summary:
      "Of bucket 00-raw-usdcop-marketdata of usdcop nothing has come to the other server for an hour, and 3kiB failed to: a loss now would cost them.",
    labels: { bucket: "00-raw-usdcop-marketdata" },
    quiet: {
      // Some fail, others arrive; and where nothing is written nothing has to arrive.
      [`minio_bucket_replication_last_hour_failed_count{server="a",targetArn="x",${RAW}}`]: "3x400",
      [`minio_bucket_replication_last_hour_failed_bytes{server="a",targetArn="x",${RAW}}`]: "3072x400",
      [`minio_bucket_replication_sent_count{server="a",targetArn="x",${RAW}}`]: "0+1x400",
      [`minio_bucket_replication_last_hour_failed_count{server="a",targetArn="y",${RAW}}`]: "0x400",
      [`minio_bucket_replication_last_hour_failed_bytes{server="a",targetArn="y",${RAW}}`]: "0x400",
      [`minio_bucket_replication_sent_count{server="a",targetArn="y",${RAW}}`]: "6x400",
    },
  },
  BucketNearQuota: {
    fires: {
      [`minio_bucket_usage_total_bytes{${RAW}}`]: "81x400",
      [`minio_bucket_quota_total_bytes{${RAW}}`]: "100x400",
    },
    after: "10m",
    summary:
      "Bucket 00-raw-usdcop-marketdata of usdcop uses 81% of its quota; once a usage scan of the server finds it full, writes are refused.",
    labels: { bucket: "00-raw-usdcop-marketdata" },
    quiet: {
      [`minio_bucket_usage_total_bytes{${RAW}}`]: "80x400",
      [`minio_bucket_quota_total_bytes{${RAW}}`]: "100x400",
    },
  },
  ServerNearlyFull: {
    fires: {
      [`minio_cluster_capacity_usable_free_bytes{${JOB}}`]: "14x400",
      [`minio_cluster_capacity_usable_total_bytes{${JOB}}`]: "100x400",
    },
    after: "10m",
    summary: "Of the space of the object storage of usdcop 14% is free.",
    quiet: {
      [`minio_cluster_capacity_usable_free_bytes{${JOB}}`]: "15x400",
      [`minio_cluster_capacity_usable_total_bytes{${JOB}}`]: "100x400",
    },
  },
  BucketsMissing: {
    fires: { ...HEALTHY, ...buckets(usdcop.buckets.length - 1) },
    after: "30m",
    summary: `1 of the ${usdcop.buckets.length} buckets of usdcop aren't on the server.`,
    quiet: { ...HEALTHY, ...buckets(usdcop.buckets.length) },
  },
  ValidationStale: {
    fires: { [`kube_cronjob_status_last_successful_time${CRON}`]: "0x400" },
    after: "200m",
    summary: "usdcop-validator hasn't found the buckets of usdcop right for 3h 20m 0s, allowed are 3h.",
    quiet: { [`kube_cronjob_status_last_successful_time${CRON}`]: "0x100 6000x400" },
  },
  ValidationNeverRan: {
    fires: HEALTHY,
    after: "181m",
    summary: "usdcop-validator has never found the buckets of usdcop right.",
    labels: { namespace: "mlops", cronjob: "usdcop-validator" },
    quiet: { [`kube_cronjob_status_last_successful_time${CRON}`]: "0x400" },
  },
  DatabaseBackupTooOld: {
    fires: { [baseBackup("status_last_successful_time")]: "0x4000", [baseBackup("created")]: "0x4000" },
    after: "27h",
    summary:
      "mlops-postgresql-base-backup has made no base backup of the databases of usdcop for 1d 3h 0m 0s, allowed are 26h.",
    labels: { cronjob: "mlops-postgresql-base-backup" },
    // Made in time, by a job that is older.
    quiet: { [baseBackup("status_last_successful_time")]: "7200x4000", [baseBackup("created")]: "0x4000" },
  },
};

test("U-085, M-051: every alert has series in which it fires, and others in which it doesn't", () => {
  expect(Object.keys(CASES)).toEqual(alerts.map(({ alert }) => alert));
});

test.each(alerts.map((each) => [each.alert, each] as const))("%s fires, says why, and keeps quiet", (name, alert) => {
  const each = CASES[name];
  if (each === undefined) throw new Error(`no series for ${name}`);
  for (const fires of [true, false]) judged(alert, each, fires);
});

test("a server without any bucket of the platform lacks all of them; one that says nothing lacks none", () => {
  const alert = alerts.find(({ alert }) => alert === "BucketsMissing");
  const all = usdcop.buckets.length;
  const summary = `${all} of the ${all} buckets of usdcop aren't on the server.`;
  if (alert === undefined) throw new Error("there is no such alert");
  for (const fires of [true, false]) judged(alert, { fires: HEALTHY, quiet: {}, after: "30m", summary }, fires);
});

function judged(alert: Alert, each: AlertCase, fires: boolean): void {
  const { code, said } = checker.judged(alert, each, fires);
  expect(code, said).toBe(0);
}
