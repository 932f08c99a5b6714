/** Every default of the language, once: `resolve` applies them, the generated reference names them. */
export const defaults = {
  naming: "plain",
  region: "us-east-1",
  versioning: false,
  /** Days; only where the bucket has versioning. */
  noncurrentDays: 30,
  ruleEnabled: true,
  encryption: "none",
  onDelete: "retain",
  adopt: false,
  workload: {
    cpu: "100m",
    memory: "256Mi",
    home: "256Mi",
    timeZone: "Etc/UTC",
    deadline: "1h",
    retries: 3,
    health: "/health",
  },
  alerting: { errorPercent: 5, failureMinutes: 10, quotaPercent: 80, freePercent: 15, validationHours: 3 },
  services: {
    prometheus: { port: 9090, retentionDays: 15, maxSize: "2GiB", scrapeInterval: "15s" },
    alertmanager: { port: 9093, groupWait: "30s", groupInterval: "5m", repeatInterval: "4h" },
    nodeExporter: { port: 9100 },
  },
} as const;
