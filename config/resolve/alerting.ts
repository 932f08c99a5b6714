import { defaults } from "../defaults.ts";
import type { Alerting } from "../model.ts";
import type { AlertingSpec } from "../schema/alerting.ts";

/** Null where the platform asks for no alerts. */
export function resolveAlerting(spec: AlertingSpec | undefined): Alerting | null {
  if (spec === undefined) return null;
  const {
    failures = {},
    capacity = {},
    compliance = {},
    models = {},
    pipelines = {},
    machine = {},
    database = {},
    backup = {},
    monitor = {},
  } = spec;
  const { alerting: usual } = defaults;
  return {
    failures: {
      errorPercent: failures.error_percent ?? usual.errorPercent,
      forSeconds: (failures.for_minutes ?? usual.failureMinutes) * 60,
    },
    capacity: {
      quotaPercent: capacity.quota_percent ?? usual.quotaPercent,
      freePercent: capacity.free_percent ?? usual.freePercent,
    },
    compliance: { validationMaxAgeSeconds: (compliance.validation_hours ?? usual.validationHours) * 3600 },
    models: {
      errorPercent: models.error_percent ?? usual.modelErrorPercent,
      latencySeconds: (models.latency_ms ?? usual.modelLatencyMs) / 1000,
      quality: (models.quality_percent ?? usual.modelQualityPercent) / 100,
      wrongPercent: models.wrong_percent ?? usual.modelWrongPercent,
      drift: models.drift ?? usual.modelDrift,
    },
    pipelines: { maxAgeSeconds: (pipelines.success_hours ?? usual.pipelineHours) * 3600 },
    machine: {
      freePercent: machine.free_percent ?? usual.machineFreePercent,
      busyPercent: machine.busy_percent ?? usual.machineBusyPercent,
    },
    database: { connectionsPercent: database.connections_percent ?? usual.connectionsPercent },
    backup: {
      maxAgeSeconds: (backup.age_hours ?? usual.backupHours) * 3600,
      drillDays: backup.drill_days ?? usual.drillDays,
    },
    monitor: {
      unhealthyBuckets: monitor.unhealthy_buckets ?? usual.monitorUnhealthyBuckets,
      scoreDrop: monitor.score_drop ?? usual.monitorScoreDrop,
      latencySeconds: (monitor.latency_ms ?? usual.monitorLatencyMs) / 1000,
      repeatSeconds: (monitor.repeat_hours ?? usual.monitorRepeatHours) * 3600,
    },
  };
}
