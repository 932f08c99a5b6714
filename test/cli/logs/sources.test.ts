import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { stringify } from "yaml";
import { checkoutAt } from "../../../cli/checkout.ts";
import { knownSecrets } from "../../../cli/logs/known-secrets.ts";
import { readSources } from "../../../cli/logs/reading.ts";
import { logSources } from "../../../cli/logs/sources.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sources-"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("logs of servers, services and data programs are shipped, each as its service's and platform's", () => {
  const checkout = checkoutAt(root);
  for (const folder of ["services/prometheus", "services/mlops-mlflow", "logs"])
    mkdirSync(join(checkout.home, folder), { recursive: true });
  for (const name of ["cybersec-ingest.log", "cybersec-ingest.log.1", "bucketworks.log"])
    writeFileSync(join(checkout.logs, name), "");
  expect(logSources(checkout, ["cybersec", "mlops"]).map(({ service, platform }) => [service, platform])).toEqual([
    ["minio", ""],
    ["postgres", ""],
    ["mlflow", "mlops"],
    ["prometheus", ""],
    ["bucketworks", ""],
    ["ingest", "cybersec"],
  ]);
});

test("a file among the folders of services and a log that can't be read keep no other log waiting", () => {
  const checkout = checkoutAt(root);
  for (const folder of ["services/prometheus", "services/grafana/grafana.log", "logs"])
    mkdirSync(join(checkout.home, folder), { recursive: true });
  writeFileSync(join(checkout.services, "metrics-policy.json"), "{}");
  writeFileSync(join(checkout.services, "prometheus", "prometheus.log"), "ready\n");
  const { reads } = readSources(logSources(checkout, []), {});
  const told = reads.map(({ source, lines, fault }) => [source.service, lines, fault !== undefined]);
  expect(told).toEqual([
    ["minio", [], false],
    ["postgres", [], false],
    ["grafana", [], true],
    ["prometheus", ["ready"], false],
  ]);
});

test("secrets that the checkout keeps in files are known to the shipper, and looked up again in time", () => {
  const checkout = checkoutAt(root);
  for (const folder of [checkout.minio.folder, checkout.postgres.roles, join(checkout.keys, "production")])
    mkdirSync(folder, { recursive: true });
  writeFileSync(checkout.minio.rootPassword, "canary-of-the-root-user\n");
  writeFileSync(checkout.minio.kmsKey, "bucketworks-key:canary-of-the-kms=\n");
  writeFileSync(join(checkout.postgres.roles, "a.env"), "PG_HOST=127.0.0.1\nPG_PASSWORD='canary-of-the-role'\n");
  const auth = join(checkout.services, "mlops-mlflow", "auth");
  for (const folder of ["logs", "alertmanager", "prometheus"])
    mkdirSync(join(checkout.services, folder), { recursive: true });
  mkdirSync(auth, { recursive: true });
  writeFileSync(join(checkout.services, "metrics-policy.json"), "{");
  writeFileSync(join(checkout.services, "logs", "reader-password"), "canary-of-the-reader\n");
  writeFileSync(join(auth, "admin-password"), "canary-of-the-admin");
  mkdirSync(join(auth, "..", "logins"));
  writeFileSync(join(auth, "..", "logins", "ana-password"), "canary-of-a-person");
  writeFileSync(join(auth, "..", "logins.json"), JSON.stringify({ ben: { password: "canary-of-another-person" } }));
  const environment = { PGPASSWORD: 'canary "of" the database', MLFLOW_S3_ENDPOINT_URL: "http://127.0.0.1:9000" };
  writeFileSync(join(auth, "..", "environment.json"), JSON.stringify(environment));
  const receiver = {
    webhook_configs: [{ url: "https://hooks.example.org/canary-of-the-webhook", send_resolved: true }],
    slack_configs: [{ api_url: "https://hooks.example.org/canary-of-slack" }],
    email_configs: [{ auth_password: "canary of: the mail's server" }],
  };
  writeFileSync(join(checkout.services, "alertmanager", "alertmanager.yml"), stringify({ receivers: [receiver] }));
  writeFileSync(
    join(checkout.services, "prometheus", "prometheus.yml"),
    "url: http://127.0.0.1:9093/a\ntoken_file: /x/token/of/metrics\n",
  );
  let time = 0;
  const known = knownSecrets(checkout, () => time);
  expect(known()).toEqual(
    expect.arrayContaining(["canary-of-the-root-user", "canary-of-the-kms=", "canary-of-the-role"]),
  );
  expect(known()).toEqual(
    expect.arrayContaining([
      "canary-of-the-reader",
      "canary-of-the-admin",
      "canary-of-a-person",
      "canary-of-another-person",
      'canary "of" the database',
      "https://hooks.example.org/canary-of-the-webhook",
      "https://hooks.example.org/canary-of-slack",
      "canary of: the mail's server",
    ]),
  );
  for (const each of ["127.0.0.1", "http://127.0.0.1:9000", "http://127.0.0.1:9093/a", "/x/token/of/metrics"])
    expect(known()).not.toContain(each);
  writeFileSync(join(checkout.keys, "production", "b.json"), '{"secretKey": "canary-of-the-key"}');
  expect(known()).not.toContain("canary-of-the-key");
  time = 11_000;
  expect(known()).toContain("canary-of-the-key");
});
