import { z } from "zod";
import { defaults } from "../defaults.ts";
import { mlflow, modelApi } from "./platform-services.ts";
import { enabled, port, text, whole } from "./service-values.ts";

const { services: usual } = defaults;

/**
 * Programs beside the platforms of a stack. `mlflow` and `model_api` are a platform's own; of the others one serves all
 * platforms, so those that declare it say the same.
 */
export const services = z
  .strictObject({
    prometheus: z
      .strictObject({
        enabled,
        port: port(usual.prometheus.port),
        retention_days: whole(usual.prometheus.retentionDays, 1, 3650, "How long it keeps what it has read"),
        max_size: text(
          usual.prometheus.maxSize,
          "How much room that takes at most, like 500MiB: the oldest goes first",
        ),
        scrape_interval: text(
          usual.prometheus.scrapeInterval,
          "How often it reads metrics and judges alerts, like 15s or 1m, at most 5m",
        ),
      })
      .optional()
      .describe("Reads the metrics of the server and of the machine, and judges the alerts of all platforms"),
    alertmanager: z
      .strictObject({
        enabled,
        port: port(usual.alertmanager.port),
        group_wait: text(usual.alertmanager.groupWait, "How long the first alert of a group waits for others"),
        group_interval: text(
          usual.alertmanager.groupInterval,
          "How long a group waits between two messages, and before it says that all is well again",
        ),
        repeat_interval: text(usual.alertmanager.repeatInterval, "After how long an alert that lasts is told again"),
      })
      .optional()
      .describe("Sends the alerts to the receivers of the stack (bucketworks:alerts)"),
    node_exporter: z
      .strictObject({ enabled, port: port(usual.nodeExporter.port) })
      .optional()
      .describe("Tells of the machine: processors, memory, disks"),
    postgres_exporter: z
      .strictObject({ enabled, port: port(usual.postgresExporter.port) })
      .optional()
      .describe("Tells of the PostgreSQL server: connections, databases, transactions"),
    logs: z
      .strictObject({
        enabled,
        port: port(
          usual.logs.port,
          "Where it is asked, on loopback; its store and its shipper have the two that follow",
          65_533,
        ),
        retention_days: whole(usual.logs.retentionDays, 1, 3650, "How long it keeps lines"),
        max_size: text(usual.logs.maxSize, "How much room they take at most, like 500MiB: the oldest day goes first"),
        audit: z
          .strictObject({
            bucket: z.string().describe("Bucket of the platform that keeps the audit trail"),
            service_account: z.string().describe("Service account whose key adds to it"),
          })
          .optional()
          .describe("Who did what, kept in a bucket"),
        server_requests: z
          .boolean()
          .optional()
          .describe("Whether each request to the local server is a line, too; default false"),
      })
      .optional()
      .describe("Keeps the logs of all programs, to be searched (VictoriaLogs)"),
    grafana: z
      .strictObject({ enabled, port: port(usual.grafana.port) })
      .optional()
      .describe("Shows the dashboards"),
    jupyter: z
      .strictObject({ enabled, port: port(usual.jupyter.port) })
      .optional()
      .describe("Runs notebooks (JupyterLab)"),
    mlflow: mlflow.optional(),
    model_api: modelApi.optional(),
  })
  .describe("Programs beside the platforms, which make services starts on a laptop; {} takes every default");

export type ServicesSpec = z.infer<typeof services>;
