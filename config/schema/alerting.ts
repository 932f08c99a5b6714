import { z } from "zod";
import { defaults } from "../defaults.ts";

const { alerting: usual } = defaults;

const number = (most: number, value: number, what: string, least = 1) =>
  z.int().min(least).max(most).meta({ default: value }).optional().describe(what);

/** When somebody is told: thresholds of the platform's alerts, by class. */
export const alerting = z
  .strictObject({
    failures: z
      .strictObject({
        error_percent: number(100, usual.errorPercent, "Most requests that may fail by the server's fault, in 100"),
        for_minutes: number(
          1440,
          usual.failureMinutes,
          "How long a failure lasts before an alert is sent; 0 is at once",
          0,
        ),
      })
      .optional()
      .describe("The server or its requests fail"),
    capacity: z
      .strictObject({
        quota_percent: number(100, usual.quotaPercent, "How full a bucket may be, in 100 of its quota"),
        free_percent: number(99, usual.freePercent, "Least free space of the server, in 100"),
      })
      .optional()
      .describe("Space runs out"),
    compliance: z
      .strictObject({
        validation_hours: number(
          720,
          usual.validationHours,
          "Longest time since the buckets were last found right by a scheduled_job that runs verify",
        ),
      })
      .optional()
      .describe("The buckets differ from the file, or weren't checked in time"),
  })
  .describe(
    "Alerts of the platform, for Prometheus on Kubernetes and on a laptop; {} takes every default, absent is none",
  );

export type AlertingSpec = z.infer<typeof alerting>;
