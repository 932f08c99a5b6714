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
    models: z
      .strictObject({
        error_percent: number(100, usual.modelErrorPercent, "Most requests to the model API that may fail, in 100"),
        latency_ms: number(60_000, usual.modelLatencyMs, "Longest time in which 99 in 100 predictions are answered"),
        quality_percent: number(
          100,
          usual.modelQualityPercent,
          "Least F1 on the test data that a version in use may have, in 100",
        ),
        wrong_percent: number(100, usual.modelWrongPercent, "Most predictions that people may find wrong, in 100"),
        drift: z
          .number()
          .gt(0)
          .max(10)
          .meta({ default: usual.modelDrift })
          .optional()
          .describe("Largest population stability index of a feature in use against the training data"),
      })
      .optional()
      .describe("The model API of the platform fails, is slow, or answers worse than it did"),
    pipelines: z
      .strictObject({
        success_hours: number(720, usual.pipelineHours, "Longest time since a step of the platform's last succeeded"),
      })
      .optional()
      .describe("Steps of the platform's data programs fail, or don't run"),
    machine: z
      .strictObject({
        free_percent: number(99, usual.machineFreePercent, "Least free space of each disk of the machine, in 100"),
        busy_percent: number(99, usual.machineBusyPercent, "Most of the processors in use for half an hour, in 100"),
      })
      .optional()
      .describe("The machine, for the platform that asks for node_exporter"),
    database: z
      .strictObject({
        connections_percent: number(100, usual.connectionsPercent, "Most connections in use, in 100 of those allowed"),
      })
      .optional()
      .describe("The database server, for platforms with a database where a platform asks for postgres_exporter"),
    backup: z
      .strictObject({
        age_hours: number(
          8784,
          usual.backupHours,
          "Longest time since the last run of each backup; more than its schedule takes from one run to the next",
        ),
        drill_days: number(
          3660,
          usual.drillDays,
          "Longest time since the last drill of each backup that had one or is to have them (backup.drill); more than its schedule takes",
        ),
      })
      .optional()
      .describe("Backups of the platform's buckets get old, as `bucketworks monitor` and reports see them"),
    monitor: z
      .strictObject({
        unhealthy_buckets: number(
          10_000,
          usual.monitorUnhealthyBuckets,
          "How many buckets differ from the file before it is told; a critical finding is always told",
        ),
        score_drop: number(
          100,
          usual.monitorScoreDrop,
          "Points of the health score, lost within 24 hours, before it is told",
        ),
        latency_ms: number(60_000, usual.monitorLatencyMs, "Longest time in which 95 in 100 buckets answer a read"),
        repeat_hours: number(168, usual.monitorRepeatHours, "After how long what still fires is told again"),
      })
      .optional()
      .describe("What `bucketworks monitor` sees, run after run"),
  })
  .describe(
    "Alerts of the platform, for Prometheus on Kubernetes and on a laptop, and of `bucketworks monitor`; {} takes every default, absent is none",
  );

export type AlertingSpec = z.infer<typeof alerting>;
