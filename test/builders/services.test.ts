import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { alertmanagerSettings } from "../../builders/services/alertmanager.ts";
import { sharedServices } from "../../builders/services/declared.ts";
import { localAlertGroups, type Peers, prometheusSettings } from "../../builders/services/prometheus.ts";
import type { Alerts } from "../../config/stack/alerts.ts";
import { platform } from "../support/platforms.ts";

const GOLDEN = join(import.meta.dirname, "../golden");
const platforms = ["cybersec", "dataops", "ml-security", "mlops", "usdcop"].map((name) => platform(name));
const { prometheus, alertmanager, nodeExporter } = sharedServices(platforms);
if (prometheus === null || alertmanager === null) throw new Error("no platform asks for services");

const peers = {
  minio: "127.0.0.1:9000",
  services: {
    alertmanager: "127.0.0.1:9093",
    grafana: "127.0.0.1:3000",
    log_shipper: "127.0.0.1:9430",
    log_store: "127.0.0.1:9429",
    logs: "127.0.0.1:9428",
    "mlops-mlflow": "127.0.0.1:5000",
    "mlops-model-api": "127.0.0.1:8000",
    node_exporter: "127.0.0.1:9100",
    postgres_exporter: "127.0.0.1:9187",
    prometheus: "127.0.0.1:9090",
  },
};
const alerts: Alerts = {
  smtp: { server: "mail.example:587", from: "alerts@example.org", user: "alerts", password: "secret", tls: true },
  receivers: {
    team: { slack: "https://hooks.example/services/T/B/x", channel: "#platforms" },
    "on-call": { webhook: "https://pager.example/alerts", severity: "critical" },
    modelling: { email: "models@example.org", severity: "warning", platforms: ["mlops", "ml.v2"] },
  },
};

interface Route {
  readonly receiver: string;
  readonly matchers: readonly string[];
}
const routes = (given?: Alerts) =>
  (alertmanagerSettings(alertmanager, given) as { route: { receiver: string; routes: Route[] } }).route;

test.each([
  ["services.prometheus.yml", prometheusSettings(prometheus, peers)],
  ["services.rules.yml", { groups: localAlertGroups(platforms, { isServerRead: true, areLogsShipped: true }) }],
  ["services.alertmanager.yml", alertmanagerSettings(alertmanager, alerts)],
])("%s of all platforms (make golden writes it)", async (file, document) => {
  await expect(stringify(document, { lineWidth: 0 })).toMatchFileSnapshot(join(GOLDEN, file));
});

test("U-084, ML-024: one Prometheus serves the stack: server, buckets, machine, itself, Alertmanager and monitors that run", () => {
  expect(nodeExporter).toEqual({ port: 9100 });
  const jobs = (given: Peers) =>
    (prometheusSettings(prometheus, given) as { scrape_configs: { job_name: string }[] }).scrape_configs.map(
      ({ job_name }) => job_name,
    );
  expect(jobs(peers)).toEqual([
    ...["minio-cluster", "minio-bucket", "node", "postgres", "prometheus", "alertmanager"],
    ...["log-store", "log-shipper", "logs", "grafana", "mlflow", "model-api", "monitor"],
  ]);
  expect(jobs({ minio: undefined, services: { prometheus: "127.0.0.1:9090" } })).toEqual(["prometheus", "monitor"]);
});

test("each platform that asks for alerts has its own, and none waits for a validator that runs on clusters alone", () => {
  const groups = localAlertGroups(platforms, { isServerRead: true, areLogsShipped: true });
  const classes: Record<string, string[]> = {
    cybersec: ["pipelines", "database"],
    dataops: ["pipelines", "database"],
    // Its MLflow has a database.
    "ml-security": ["pipelines", "database"],
    mlops: ["models", "pipelines", "features", "database", "machine", "keys", "logs"],
    usdcop: ["pipelines", "keys"],
  };
  const names = (classesOf: (own: string[]) => string[]) =>
    Object.entries(classes).flatMap(([name, own]) => classesOf(own).map((each) => `${name}-${each}`));
  expect(groups.map(({ name }) => name)).toEqual([
    ...names(() => ["failures", "capacity", "compliance"]),
    ...names((own) => own),
  ]);
  expect(JSON.stringify(groups)).not.toMatch(/kube_|Validation/);
});

test("where the server isn't read, none of its alerts is judged, and those on what runs beside it are: on logs where they are shipped", () => {
  const groups = localAlertGroups(platforms, { isServerRead: false, areLogsShipped: false }).map(({ name }) => name);
  expect(groups).toContain("mlops-models");
  expect(groups).not.toContain("mlops-logs");
  expect(groups.filter((name) => /-(failures|capacity|compliance)$/.test(name))).toEqual([]);
});

test("ML-020, ML-021, ML-022: e-mail, Slack and webhook get what they ask for, by severity and platform", () => {
  expect(routes(alerts).routes.map(({ receiver, matchers }) => [receiver, ...matchers])).toEqual([
    ["modelling", 'severity="warning"', 'platform=~"mlops|ml[.]v2"'],
    ["on-call", 'severity="critical"'],
    ["team"],
  ]);
});

test("each receiver is told when an alert is over", () => {
  const text = JSON.stringify(alertmanagerSettings(alertmanager, alerts));
  expect(text.match(/"send_resolved":true/g)).toHaveLength(3);
});

test("without receivers an alert goes to nobody, and shows on Alertmanager's page", () => {
  expect(routes()).toMatchObject({ receiver: "(nobody)", routes: [] });
});

test("a receiver of whatever name is beside the one that stands for nobody", () => {
  const { receivers } = alertmanagerSettings(alertmanager, {
    receivers: { nobody: { webhook: "https://pager.example/alerts" } },
  }) as { receivers: { name: string }[] };
  expect(receivers.map(({ name }) => name)).toEqual(["(nobody)", "nobody"]);
});

test("the trail of the one platform that has one is the stack's, also where another asks for logs before it", () => {
  const trail = platform("mlops");
  const { logs } = trail.services;
  if (logs?.audit == null) throw new Error("mlops has no audit trail");
  const plain = { ...trail, name: "a", services: { ...trail.services, logs: { ...logs, audit: null } } };
  expect(sharedServices([plain, trail]).logs).toEqual(logs);
  expect(sharedServices([plain]).logs).toEqual({ ...logs, audit: null });
});
