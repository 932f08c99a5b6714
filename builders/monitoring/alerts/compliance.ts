import type { Alerting, Workload } from "../../../config/model.ts";
import { type AlertInWords, durationText, ofBuckets, ofServer, type Watched } from "../alert.ts";
import { baseBackups } from "./database.ts";

/** The server learns of buckets by its scanner, a round after they are made. */
const SECONDS = 1800;

/** What the spec says doesn't hold, or nobody looked. */
export function compliance(watched: Watched, alerting: Alerting): AlertInWords[] {
  const { validationMaxAgeSeconds } = alerting.compliance;
  const { platform, server } = watched;
  const buckets = platform.buckets.length;
  // No bucket at all is no series at all; a server that says nothing is another alert's.
  const there = `(count(max by (bucket) (${ofBuckets("minio_bucket_usage_total_bytes", watched)})) or vector(0))`;
  const answering = `count(${ofServer("minio_cluster_health_status", watched)})`;
  const missing: AlertInWords = {
    name: "BucketsMissing",
    expression: `${buckets} - ${there} > 0 and ${answering}`,
    seconds: SECONDS,
    severity: "critical",
    summary: `{{ $value }} of the ${buckets} buckets of ${platform.name} aren't on the server.`,
  };
  const validators = platform.workloads.filter(validates).flatMap(({ name }): AlertInWords[] => {
    const last = `kube_cronjob_status_last_successful_time{namespace="${server.namespace}",cronjob="${name}"}`;
    const most = durationText(validationMaxAgeSeconds);
    return [
      {
        name: "ValidationStale",
        expression: `time() - max(${last}) > ${validationMaxAgeSeconds}`,
        seconds: 0,
        severity: "warning",
        summary: `${name} hasn't found the buckets of ${platform.name} right for {{ humanizeDuration $value }}, allowed are ${most}.`,
      },
      {
        name: "ValidationNeverRan",
        expression: `absent(${last})`,
        seconds: validationMaxAgeSeconds,
        severity: "warning",
        summary: `${name} has never found the buckets of ${platform.name} right.`,
      },
    ];
  });
  const backups = platform.databaseBackup === null ? [] : [baseBackups(platform.name, alerting)];
  return [...(buckets === 0 ? [] : [missing]), ...validators, ...backups];
}

/** Whether a workload compares the live buckets with the spec by the clock. */
function validates({ run, steps }: Workload): boolean {
  const verifies = steps.some(({ command, arguments: [first] }) => command.length === 0 && first === "verify");
  return run.kind === "scheduled_job" && verifies;
}
