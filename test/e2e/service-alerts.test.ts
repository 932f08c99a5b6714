import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { alertOf } from "../../builders/monitoring/alert.ts";
import { database, databaseLog } from "../../builders/monitoring/alerts/database.ts";
import { features } from "../../builders/monitoring/alerts/features.ts";
import { KEY_MADE, keys } from "../../builders/monitoring/alerts/keys.ts";
import { logs } from "../../builders/monitoring/alerts/logs.ts";
import { machine } from "../../builders/monitoring/alerts/machine.ts";
import { models } from "../../builders/monitoring/alerts/models.ts";
import { pipelines } from "../../builders/monitoring/alerts/pipelines.ts";
import { type AlertCase, JudgedAlerts } from "../support/judged-alerts.ts";
import { platform } from "../support/platforms.ts";
import { ROOT } from "../support/toolchain.ts";

const mlops = platform("mlops");
const { alerting } = mlops;
if (alerting === null) throw new Error("mlops asks for no alerts");
const alerts = [
  ...models("mlops", alerting),
  ...features("mlops", alerting),
  ...pipelines("mlops", alerting),
  ...machine(alerting),
  ...database("mlops", alerting),
  databaseLog("mlops", alerting),
  ...logs(alerting),
  ...keys("mlops", 0),
].map((each) => alertOf(each, { platform: mlops }));
const group = { name: "services", rules: alerts };
const checker = new JudgedAlerts([group]);

afterAll(() => checker.remove());

const MODEL = 'platform="mlops",model="identity-masker",version="3"';
const VERSION = { model: "identity-masker", version: "3" };
const requests = (code: number, platformOf = "mlops"): string =>
  `model_api_requests_total{platform="${platformOf}",route="/predict",method="POST",code="${code}"}`;
const bucket = (le: string): string => `model_api_request_seconds_bucket{platform="mlops",route="/predict",le="${le}"}`;
const feedback = (outcome: string): string => `model_api_feedback_total{${MODEL},outcome="${outcome}"}`;
const last = (what: string, step = "train", of = "mlops"): string =>
  `pipeline_last_${what}_timestamp_seconds{platform="${of}",step="${step}",instance="here"}`;
const dropped = (kind: string, of = "mlops"): string =>
  `model_api_records_dropped_total{platform="${of}",kind="${kind}",instance="here"}`;
const shipped = (kind: string): string => `log_shipper_last_success_timestamp_seconds{kind="${kind}"}`;
const made = (account: string, of = "mlops", stack = "dev"): string =>
  `${KEY_MADE}{platform="${of}",account="${account}",stack="${stack}",instance="here"}`;
const disk = (what: string, place: string, fstype = "ext4"): string =>
  `node_filesystem_${what}_bytes{instance="here",mountpoint="${place}",fstype="${fstype}"}`;

const FEATURE = { view: "texts", feature: "words" };
const ofFeature = (metric: string, feature = "words", of = "mlops"): string =>
  `${metric}{platform="${of}",view="texts",feature="${feature}",instance="here"}`;
const processor = (number: number): string => `node_cpu_seconds_total{instance="here",cpu="${number}",mode="idle"}`;

const CASES: Readonly<Record<string, AlertCase>> = {
  ModelNotReady: {
    fires: { [`model_api_model_info{${MODEL}}`]: "1x4 stale" },
    after: "16m",
    summary: "The model of mlops isn't ready any more: its API doesn't run, or has loaded none.",
    // On a new machine there is none to miss.
    quiet: { 'model_api_model_info{platform="another"}': "1x4 stale" },
  },
  ModelNeverReady: {
    fires: { 'model_api_model_info{platform="another"}': "1x400" },
    after: "11m",
    summary: "No model of mlops was ready in the last 7 days: train one and register it (make model).",
    quiet: { [`model_api_model_info{${MODEL}}`]: "1x4 stale" },
  },
  ModelApiErrors: {
    fires: { [requests(200)]: "0+94x400", [requests(500)]: "0+6x400" },
    after: "20m",
    summary: "6.0% of the requests to the model API of mlops fail, allowed are 5%.",
    // What callers did wrong is no fault of the API's, and no other platform's faults count.
    quiet: { [requests(200)]: "0+60x400", [requests(422)]: "0+40x400", [requests(500, "another")]: "0+90x400" },
  },
  ModelApiSlow: {
    fires: { [bucket("0.5")]: "0+90x400", [bucket("1")]: "0+100x400", [bucket("+Inf")]: "0+100x400" },
    after: "20m",
    summary: "1 in 100 predictions of mlops takes 950ms or longer, allowed are 0.5s.",
    quiet: { [bucket("0.5")]: "0+100x400", [bucket("1")]: "0+100x400", [bucket("+Inf")]: "0+100x400" },
  },
  ModelQualityLow: {
    fires: { [`model_api_model_quality{${MODEL},metric="f1"}`]: "0.89x400" },
    after: "1m",
    summary: "Version 3 of identity-masker of mlops is in use with F1 0.89, at least 0.9 is asked for.",
    labels: VERSION,
    quiet: {
      [`model_api_model_quality{${MODEL},metric="f1"}`]: "0.9x400",
      [`model_api_model_quality{${MODEL},metric="recall"}`]: "0.5x400",
    },
  },
  ModelFeedbackBad: {
    fires: { [feedback("right")]: "0+8x400", [feedback("wrong")]: "0+2x400" },
    after: "60m",
    summary:
      "People found 20% of the predictions of identity-masker 3 of mlops wrong in the last hour, allowed are 10%.",
    labels: VERSION,
    // All of it wrong, but hardly any.
    quiet: { [feedback("wrong")]: "0x50 15x400" },
  },
  ModelDrift: {
    fires: {
      [`model_api_feature_drift{${MODEL},feature="length"}`]: "0.31x400",
      [`model_api_feature_drift{${MODEL},feature="digits"}`]: "0.1x400",
    },
    after: "11m",
    summary:
      "Requests to identity-masker 3 of mlops differ from its training data in length: index 0.31, allowed is 0.25.",
    labels: { ...VERSION, feature: "length" },
    quiet: { [`model_api_feature_drift{${MODEL},feature="length"}`]: "0.24x400" },
  },
  ExperimentRecordsLost: {
    fires: { [dropped("exposures")]: "0x30 12x400", [dropped("outcomes")]: "0x400" },
    after: "31m",
    summary:
      "The model API of mlops lost about 12 records of experiments (exposures) in the last hour: it has no room for more, or can't write its file.",
    labels: { kind: "exposures" },
    // What was lost before is over, and no other platform's losses count.
    quiet: { [dropped("exposures")]: "7x400", [dropped("outcomes", "another")]: "0+5x400" },
  },
  FeatureDrift: {
    fires: { [ofFeature("feature_drift")]: "0.31x400", [ofFeature("feature_drift", "characters")]: "0.1x400" },
    after: "11m",
    summary: "Values of texts:words of mlops differ from those of its last training set: index 0.31, allowed is 0.25.",
    labels: FEATURE,
    quiet: { [ofFeature("feature_drift")]: "0.24x400", [ofFeature("feature_drift", "words", "another")]: "9x400" },
  },
  FeatureNulls: {
    fires: { [ofFeature("feature_null_share")]: "0.031x400", [ofFeature("feature_null_share_allowed")]: "0.02x400" },
    after: "11m",
    summary: "3.1% of the values of texts:words of mlops are missing, more than its definition allows.",
    labels: FEATURE,
    quiet: { [ofFeature("feature_null_share")]: "0.02x400", [ofFeature("feature_null_share_allowed")]: "0.02x400" },
  },
  FeatureOutOfRange: {
    fires: { [ofFeature("feature_outside_share")]: "0.004x400" },
    after: "11m",
    summary: "0.4% of the values of texts:words of mlops lie outside of the range in its definition.",
    labels: FEATURE,
    quiet: { [ofFeature("feature_outside_share")]: "0x400" },
  },
  PipelineFailed: {
    fires: { [last("run")]: "200x400", [last("success")]: "100x400" },
    after: "1m",
    summary: "The last run of step train of mlops failed.",
    labels: { step: "train" },
    quiet: { [last("run")]: "200x400", [last("success")]: "200x400", [last("run", "load", "another")]: "300x400" },
  },
  PipelineLate: {
    fires: { [last("success")]: "0x4000" },
    after: "27h",
    summary: "Step train of mlops hasn't succeeded for 1d 3h 0m 0s, allowed are 26h.",
    labels: { step: "train" },
    // One that has never run is late for nothing.
    quiet: { [last("success")]: "0x60 3600x4000" },
  },
  MachineDiskNearlyFull: {
    fires: { [disk("avail", "/data")]: "9x400", [disk("size", "/data")]: "100x400" },
    after: "6m",
    summary: "Of /data of here 9% is free.",
    labels: { instance: "here", mountpoint: "/data" },
    quiet: {
      [disk("avail", "/data")]: "10x400",
      [disk("size", "/data")]: "100x400",
      [disk("avail", "/run", "tmpfs")]: "1x400",
      [disk("size", "/run", "tmpfs")]: "100x400",
    },
  },
  MachineMemoryNearlyFull: {
    fires: {
      'node_memory_MemAvailable_bytes{instance="here"}': "4x400",
      'node_memory_MemTotal_bytes{instance="here"}': "100x400",
    },
    after: "6m",
    summary: "Of the memory of here 4% is available.",
    labels: { instance: "here" },
    quiet: {
      'node_memory_MemAvailable_bytes{instance="here"}': "10x400",
      'node_memory_MemTotal_bytes{instance="here"}': "100x400",
    },
  },
  MachineProcessorsBusy: {
    fires: { [processor(0)]: "0+2x400", [processor(1)]: "0+0x400" },
    after: "40m",
    summary: "Of the processors of here 98% are in use.",
    labels: { instance: "here" },
    // One of two is busy.
    quiet: { [processor(0)]: "0+60x400", [processor(1)]: "0+0x400" },
  },
  DatabaseSilent: {
    fires: { pg_up: "0x400" },
    after: "11m",
    summary: "The database server of mlops doesn't answer, or nothing tells of it.",
    quiet: { pg_up: "1x400" },
  },
  DatabaseConnectionsNearLimit: {
    fires: {
      'pg_stat_database_numbackends{datname="a"}': "50x400",
      'pg_stat_database_numbackends{datname="b"}': "31x400",
      pg_settings_max_connections: "100x400",
    },
    after: "11m",
    summary: "81% of the connections of the database server of mlops are in use; once all are, it takes nobody in.",
    quiet: { 'pg_stat_database_numbackends{datname="a"}': "80x400", pg_settings_max_connections: "100x400" },
  },
  DatabaseLogNotArchived: {
    fires: { pg_stat_archiver_failed_count: "0+1x400" },
    after: "16m",
    summary:
      "The log of the database server of mlops isn't archived: what is written since is lost with the server, and waits on its disk.",
    // Three tries at once, and then it went well; or nothing was to be archived at all.
    quiet: { pg_stat_archiver_failed_count: "0 3x400" },
  },
  LogsNotShipped: {
    fires: { [shipped("logs")]: "0+60x4 240x400", [shipped("audit")]: "0+60x400" },
    after: "17m",
    summary: "The shipper of logs fails to bring lines of kind logs where they are kept.",
    labels: { kind: "logs" },
    quiet: { [shipped("logs")]: "0+60x400", [shipped("audit")]: "0+60x400" },
  },
  // A day is for the run that replaces it.
  KeyTooOld: {
    fires: { [made("old")]: "0x1600", [made("old", "mlops", "staging")]: "9000x1600", [made("young")]: "9000x1600" },
    after: "25h",
    summary: "The key of old of mlops in stack dev is 1d 1h 0m 0s old, allowed are 0 days.",
    labels: { account: "old", stack: "dev" },
    quiet: { [made("young")]: "9000x1600", [made("old", "another")]: "0x1600" },
  },
};

test("Prometheus's own checker takes the rules of what runs beside the server", () => {
  const { code, said } = checker.checked([group]);
  expect(said).toContain(`SUCCESS: ${alerts.length} rules found`);
  expect(code).toBe(0);
  expect(Object.keys(CASES)).toEqual(alerts.map(({ alert }) => alert));
});

test.each([
  ["rules", "services.rules.yml"],
  ["config", "services.prometheus.yml"],
] as const)("it takes the %s of the whole stack, %s", (kind, file) => {
  const { code, said } = checker.checkedFile(kind, join(ROOT, "test", "golden", file));
  expect(said).toContain("SUCCESS");
  expect(code).toBe(0);
});

test.each(alerts.map((each) => [each.alert, each] as const))(
  "ML-018, ML-019, ML-024, M-068: %s tells of it in its series, and keeps quiet in others",
  (name, alert) => {
    const each = CASES[name];
    if (each === undefined) throw new Error(`no series for ${name}`);
    for (const fires of [true, false]) {
      const { code, said } = checker.judged(alert, each, fires);
      expect(code, said).toBe(0);
    }
  },
);

test("a step whose first run failed is told, though it has no success", () => {
  const failed = alerts.find(({ alert }) => alert === "PipelineFailed");
  if (failed === undefined) throw new Error("there is no such alert");
  const summary = "The last run of step train of mlops failed.";
  const each = { fires: { [last("run")]: "200x400" }, after: "1m", summary, labels: { step: "train" }, quiet: {} };
  const { code, said } = checker.judged(failed, each, true);
  expect(code, said).toBe(0);
});

test("a model that is ready is neither missed nor asked for, and a shipper of logs that doesn't run is told", () => {
  const named = (name: string) => {
    const found = alerts.find(({ alert }) => alert === name);
    if (found === undefined) throw new Error(`there is no alert ${name}`);
    return found;
  };
  const ready = { fires: {}, after: "16m", summary: "", quiet: { [`model_api_model_info{${MODEL}}`]: "1x400" } };
  for (const name of ["ModelNotReady", "ModelNeverReady"]) {
    const { code, said } = checker.judged(named(name), ready, false);
    expect(code, said).toBe(0);
  }
  const summary = "The shipper of logs doesn't run, or nothing tells of it.";
  const { code, said } = checker.judged(named("LogsNotShipped"), { ...ready, fires: { up: "1x400" }, summary }, true);
  expect(code, said).toBe(0);
});
