import { describe, expect, test } from "vitest";
import { formatIssue } from "../../config/issues.ts";
import type { ValidateOptions } from "../../config/rules/validate.ts";
import { judgeTexts, type Texts } from "../support/spec.ts";

function faults(texts: Texts, options: Partial<ValidateOptions> = {}): string[] {
  return judgeTexts(texts, options).issues.map(formatIssue);
}

const buckets = (...names: string[]): string =>
  `bucket_groups:\n  raw:\n    buckets:\n${names.map((name) => `      - name: ${name}\n`).join("")}`;

describe("a bucket name", () => {
  test("stands in one file of the stack; the fault names both places", () => {
    expect(faults({ "a.yaml": buckets("a-bucket", "shared"), "b.yaml": buckets("shared") })).toEqual([
      'b.yaml:4:15 duplicate-bucket bucket_groups.raw.buckets[0].name: bucket "shared" stands at a.yaml:5:15 already; remove one of the two, or rename it',
    ]);
  });

  test("that only a stage's overlay doubles is that stage's fault, at the overlay", () => {
    const a = `${buckets("a-bucket")}environments:\n  dev:\n    bucket_groups: {more: {buckets: [{name: shared}]}}\n`;
    expect(faults({ "a.yaml": buckets("shared"), "b.yaml": a })).toEqual([
      'b.yaml:7:45 duplicate-bucket environments.dev.bucket_groups.more.buckets[0].name: bucket "shared" stands at a.yaml:4:15 already (in stage dev); remove one of the two, or rename it',
    ]);
  });
});

test("what an alias repeats is told as that, not as standing where it stands already", () => {
  const groups = "bucket_groups:\n  raw: &raw\n    buckets: [{name: a-data}]\n  more: *raw\n";
  const policies = "    a: &a {name: a-policy, grants: [{role: read, bucket: a-data}]}\n    b: *a\n";
  const { issues } = judgeTexts({ "a.yaml": `${groups}access:\n  policies:\n${policies}` });
  expect(issues.map(({ message }) => message)).toEqual([
    'bucket "a-data" comes a second time from an alias of what stands here',
    'policy "a-policy" comes a second time from an alias of what stands here',
  ]);
});

test("two platforms whose migrations would share a history in one database are refused; in two databases they may be", () => {
  const database = (name: string): string => `database: {name: ${name}, roles: {}}\n`;
  expect(
    faults({ "ml.x.yaml": database("a_db"), "ml_x.yaml": database("a_db"), "ml-x.yaml": database("a_db") }),
  ).toEqual([
    "ml_x.yaml:1:18 duplicate-name database.name: platform ml_x would share its history of migrations, bucketworks.ml_x, with ml.x (ml.x.yaml:1:18); rename the newer of the two files, or give it another database",
  ]);
  const long = "a".repeat(63);
  const cut = { [`${long}b.yaml`]: database("a_db"), [`${long}c.yaml`]: database("a_db") };
  expect(faults(cut)).toEqual([expect.stringContaining(`would share its history of migrations, bucketworks.${long},`)]);
  expect(faults({ "ml.x.yaml": database("a_db"), "ml_x.yaml": database("b_db") })).toEqual([]);
});

describe("services", () => {
  test("that several platforms ask for alike are one; whoever doesn't ask, or has it off, is no part of it", () => {
    const texts = {
      "a.yaml": "services: {prometheus: {port: 9090}, node_exporter: {}}\n",
      "b.yaml": "services: {prometheus: {}, alertmanager: {}}\n",
      "c.yaml": "services: {prometheus: {enabled: false, port: 9100}}\n",
    };
    expect(faults(texts)).toEqual([]);
  });

  test("that two platforms ask for differently are a fault that names both places, as is a port of two", () => {
    const texts = {
      "a.yaml": "services:\n  prometheus: {retention_days: 3}\n",
      "b.yaml": "services:\n  prometheus: {}\n  alertmanager: {port: 9090}\n",
    };
    expect(faults(texts)).toEqual([
      "b.yaml:2:3 service-differs services.prometheus: prometheus is asked for with other settings than at a.yaml:2:3, but one serves the whole stack; say the same in both, or leave it out of one",
      "b.yaml:3:24 service-port services.alertmanager.port: port 9090 of alertmanager is that of prometheus (a.yaml:2:3) already; choose another port for one of the two",
    ]);
  });

  test("logs takes two ports beside its own, for its store and its shipper", () => {
    const texts = {
      "a.yaml": "services:\n  logs: {port: 9998}\n  jupyter: {port: 9999}\n",
      "b.yaml": "services:\n  grafana: {port: 10000}\n",
    };
    expect(faults(texts)).toEqual([
      "a.yaml:3:19 service-port services.jupyter.port: port 9999 of jupyter is that of log_store (port of logs + 1) (a.yaml:2:3) already; choose another port for one of the two",
      "b.yaml:2:19 service-port services.grafana.port: port 10000 of grafana is that of log_shipper (port of logs + 2) (a.yaml:2:3) already; choose another port for one of the two",
    ]);
    expect(faults({ "a.yaml": "services: {logs: {port: 65533}}\n" })).toEqual([]);
    expect(faults({ "a.yaml": "services: {logs: {port: 65534}}\n" })).toEqual([expect.stringContaining("65533")]);
  });

  test("the audit trail of one platform serves those that ask for logs without one; two trails are a fault", () => {
    const trail = (name: string): string => `bucket_groups:
  raw: {buckets: [{name: ${name}-trail, versioning: true, object_lock: {mode: compliance, days: 1}}]}
access:
  policies: {p: {grants: [{role: write, bucket: ${name}-trail}]}}
  users: {ann-${name}: {policies: [p]}}
  service_accounts: {${name}-log: {user: ann-${name}, policies: [p]}}
services:
  logs:
    audit: {bucket: ${name}-trail, service_account: ${name}-log}
`;
    const plain = "services: {logs: {}}\n";
    expect(faults({ "a.yaml": plain, "b.yaml": trail("b"), "c.yaml": plain })).toEqual([]);
    expect(faults({ "a.yaml": plain, "b.yaml": trail("b"), "c.yaml": trail("c") })).toEqual([
      "c.yaml:9:12 service-differs services.logs.audit: the audit trail of b.yaml:8:3 is another one, but one serves the whole stack; leave audit out of one of the two",
    ]);
    expect(faults({ "a.yaml": "services: {logs: {port: 9500}}\n", "b.yaml": trail("b") })).toEqual([
      expect.stringContaining("b.yaml:8:3 service-differs services.logs: logs is asked for with other settings"),
    ]);
  });

  test("a platform is not called as another one's MLflow is, whose role would be its own; one that is off has no name", () => {
    const asking = (more = ""): string =>
      `${buckets("models")}access:
  policies: {p: {grants: [{role: read_write, bucket: models}]}}
  users: {trainer: {policies: [p]}}
  service_accounts: {tracking: {user: trainer, policies: [p]}}
services:
  mlflow: {service_account: tracking, bucket: models${more}}
`;
    const other = buckets("other");
    expect(faults({ "shop.yaml": asking(), "shop-mlflow.yaml": other })).toEqual([
      "shop.yaml:10:3 service-database services.mlflow: MLflow of this platform is called shop-mlflow, as another platform is; rename shop-mlflow's file, which names the platform",
    ]);
    expect(faults({ "shop.yaml": asking(), "shop-tracking.yaml": other })).toEqual([]);
    expect(faults({ "shop.yaml": asking(", enabled: false"), "shop-mlflow.yaml": other })).toEqual([]);
  });
});

describe("minio_config", () => {
  const server = (...lines: string[]): string =>
    `minio_config:\n  endpoint: minio:9000\n${lines.map((line) => `  ${line}\n`).join("")}`;

  test("may stand in one file, or say the same in several", () => {
    const texts = {
      "a.yaml": server("secure: false"),
      "b.yaml": server("region: us-east-1"),
      "c.yaml": buckets("c-bucket"),
    };
    expect(faults(texts)).toEqual([]);
  });

  test("that differs between files is a fault that names both places", () => {
    expect(faults({ "a.yaml": server("secure: false"), "b.yaml": server("secure: true") })).toEqual([
      "b.yaml:3:11 minio-config-differs minio_config.secure: secure true differs from a.yaml:3:11, but files of one stack share one server; say the same in both, or drop minio_config from one",
    ]);
  });

  test("that differs in a secret shows none of the two", () => {
    const texts = {
      "a.yaml": server("access_key: user", "secret_key: first-one"),
      "b.yaml": server("access_key: user", "secret_key: second-one"),
    };
    const [fault, ...others] = faults(texts);
    expect(others).toEqual([]);
    expect(fault).toMatch(
      /^b\.yaml:4:15 minio-config-differs minio_config\.secret_key: secret_key differs from a\.yaml:4:15, /,
    );
    expect(fault).not.toMatch(/first-one|second-one/);
  });
});

describe("a stage's rules on minio_config", () => {
  const text =
    "minio_config: {endpoint: minio:9000, access_key: minioadmin, secret_key: minioadmin123, secure: false}\n";
  const codes = (options: Partial<ValidateOptions>): string[] =>
    judgeTexts({ "a.yaml": text }, options).issues.map(({ code }) => code);

  test("stay silent without a stage and in dev", () => {
    expect(codes({ stage: null })).toEqual([]);
    expect(codes({ stage: "dev" })).toEqual([]);
  });

  test("refuse known credentials and clear text everywhere else (U-046, U-082, M-009, M-044)", () => {
    expect(codes({ stage: "production" })).toEqual(["default-credential", "default-credential", "insecure-connection"]);
  });

  test("judge only what the stage uses: stack config wins", () => {
    const stage = "production";
    expect(codes({ stage, use: { connection: false, credentials: true } })).toEqual([
      "default-credential",
      "default-credential",
    ]);
    expect(codes({ stage, use: { connection: true, credentials: false } })).toEqual(["insecure-connection"]);
    expect(codes({ stage, use: { connection: false, credentials: false } })).toEqual([]);
  });

  test("judge the merged result: an overlay without minio_config has nothing to refuse", () => {
    const without = `${text}environments: {production: {minio_config: null}}\n`;
    expect(judgeTexts({ "a.yaml": without }, { stage: "production" }).issues).toEqual([]);
  });
});

test("all faults are reported at once, a faulty value hides none but its own", () => {
  const text = `metadata: {naming: layerd}
bucket_groups:
  raw:
    versioning: maybe
    buckets:
      - name: Bad_Name
        noncurrent_days: 5
        object_lock: {mode: governance, days: 3}
      - description: nameless
      - name: a-bucket
        lifecycle:
          - {id: idle}
          - {id: idle, expire_days: x}
          - {id: idle, prefix: /a, expire_days: 3}
`;
  expect(faults({ "a.yaml": text }).map((line) => line.split(" ", 2).join(" "))).toEqual([
    "a.yaml:1:20 not-allowed",
    "a.yaml:4:17 wrong-type",
    "a.yaml:6:15 bucket-name",
    "a.yaml:9:9 missing-key",
    "a.yaml:12:13 rule-does-nothing",
    "a.yaml:13:37 wrong-type",
    "a.yaml:14:18 duplicate-rule-id",
    "a.yaml:14:32 prefix",
  ]);
});
