import { z } from "zod";
import { defaults } from "./defaults.ts";
import { object } from "./model-shapes.ts";

const { alerting: usual } = defaults;

/** When somebody is told; a class that a model of an older version lacks has its defaults. */
export const alerting = object({
  failures: object({
    /** Requests in 100 that may fail by the server's fault. */
    errorPercent: z.number(),
    /** How long a failure lasts before it is told. */
    forSeconds: z.number(),
  }),
  capacity: object({
    /** How full a bucket may be, in 100 of its quota. */
    quotaPercent: z.number(),
    /** Least free space of the server, in 100. */
    freePercent: z.number(),
  }),
  compliance: object({
    /** Longest time since the live buckets were last found right. */
    validationMaxAgeSeconds: z.number(),
  }),
  models: object({
    /** Requests in 100 that may fail. */
    errorPercent: z.number(),
    /** In which 99 in 100 predictions are answered. */
    latencySeconds: z.number(),
    /** Least F1 of a version in use, 0 to 1. */
    quality: z.number(),
    /** Predictions in 100 that people may find wrong. */
    wrongPercent: z.number(),
    /** Largest population stability index of a feature. */
    drift: z.number(),
  }).default({
    errorPercent: usual.modelErrorPercent,
    latencySeconds: usual.modelLatencyMs / 1000,
    quality: usual.modelQualityPercent / 100,
    wrongPercent: usual.modelWrongPercent,
    drift: usual.modelDrift,
  }),
  pipelines: object({
    /** Longest time since a step last succeeded. */
    maxAgeSeconds: z.number(),
  }).default({ maxAgeSeconds: usual.pipelineHours * 3600 }),
  machine: object({
    /** Least free space of each disk, in 100. */
    freePercent: z.number(),
    // Kept models of before have none.
    busyPercent: z.number().default(usual.machineBusyPercent),
  }).default({ freePercent: usual.machineFreePercent, busyPercent: usual.machineBusyPercent }),
  database: object({
    /** Most connections in use, in 100. */
    connectionsPercent: z.number(),
  }).default({ connectionsPercent: usual.connectionsPercent }),
  backup: object({
    /** Longest time since the last run of each backup. */
    maxAgeSeconds: z.number(),
    /** Longest time since the last drill of each. */
    drillDays: z.number().default(usual.drillDays),
  }).default({ maxAgeSeconds: usual.backupHours * 3600, drillDays: usual.drillDays }),
  monitor: object({
    /** Buckets that differ from the file before it is told. */
    unhealthyBuckets: z.number(),
    /** Points of the health score, lost within 24 hours. */
    scoreDrop: z.number(),
    /** In which 95 in 100 buckets answer. */
    latencySeconds: z.number(),
    /** After which what still fires is told again. */
    repeatSeconds: z.number(),
  }).default({
    unhealthyBuckets: usual.monitorUnhealthyBuckets,
    scoreDrop: usual.monitorScoreDrop,
    latencySeconds: usual.monitorLatencyMs / 1000,
    repeatSeconds: usual.monitorRepeatHours * 3600,
  }),
});

/** When somebody is told. */
export type Alerting = z.output<typeof alerting>;
