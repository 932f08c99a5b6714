import { z } from "zod";
import { defaults } from "../defaults.ts";

const { services: usual } = defaults;

const enabled = z
  .boolean()
  .meta({ default: true })
  .optional()
  .describe("false: the platform doesn't ask for it, for example in one stage");

const port = (value: number, what: string) =>
  z.int().min(1).max(65_535).meta({ default: value }).optional().describe(what);

const text = (value: string, what: string) => z.string().meta({ default: value }).optional().describe(what);

/** Programs beside the platforms of a stack. One of each serves all of them, so platforms that declare it say the same. */
export const services = z
  .strictObject({
    prometheus: z
      .strictObject({
        enabled,
        port: port(usual.prometheus.port, "Where it listens, on loopback"),
        retention_days: z
          .int()
          .min(1)
          .max(3650)
          .meta({ default: usual.prometheus.retentionDays })
          .optional()
          .describe("How long it keeps what it has read"),
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
        port: port(usual.alertmanager.port, "Where it listens, on loopback"),
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
      .strictObject({
        enabled,
        port: port(usual.nodeExporter.port, "Where it listens, on loopback"),
      })
      .optional()
      .describe("Tells of the machine: processors, memory, disks"),
  })
  .describe("Programs beside the platforms, which make services starts on a laptop; {} takes every default");

export type ServicesSpec = z.infer<typeof services>;
