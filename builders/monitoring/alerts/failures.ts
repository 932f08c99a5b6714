import type { Alerting } from "../../../config/model.ts";
import { type AlertInWords, ofBuckets, ofServer, type Watched } from "../alert.ts";

/** Each pod answers for the whole cluster: the worst of what they say counts, and no request twice. */
const ONCE = "max by (server, bucket, api)";

/** The server or its requests fail. */
export function failures(
  watched: Watched,
  { failures: { errorPercent, forSeconds: seconds } }: Alerting,
): AlertInWords[] {
  const name = watched.platform.name;
  const rate = (metric: string): string => `sum(${ONCE} (rate(${ofBuckets(metric, watched)}[5m])))`;
  const errors = `100 * ${rate("minio_bucket_requests_5xx_errors_total")}`;
  return [
    {
      name: "ObjectStorageSilent",
      expression: `absent(${ofServer("minio_cluster_health_status", watched)})`,
      seconds,
      severity: "critical",
      summary: `The state of the object storage of ${name} isn't known: no server returns its metrics.`,
    },
    {
      name: "ObjectStorageUnhealthy",
      expression: `min(${ofServer("minio_cluster_health_status", watched)}) == 0`,
      seconds,
      severity: "critical",
      summary: `The object storage of ${name} refuses writes: too few drives or servers are online.`,
    },
    {
      name: "ServersOffline",
      expression: `max(${ofServer("minio_cluster_nodes_offline_total", watched)}) > 0`,
      seconds,
      severity: "warning",
      summary: `{{ $value }} server(s) of the object storage of ${name} are offline.`,
    },
    {
      name: "DrivesOffline",
      expression: `max(${ofServer("minio_cluster_drive_offline_total", watched)}) > 0`,
      seconds,
      severity: "warning",
      summary: `{{ $value }} drive(s) of the object storage of ${name} are offline.`,
    },
    {
      name: "RequestsFail",
      expression: `${errors} / ${rate("minio_bucket_requests_total")} > ${errorPercent}`,
      seconds,
      severity: "critical",
      summary: `{{ printf "%.1f" $value }}% of the requests to buckets of ${name} fail by the server's fault, allowed are ${errorPercent}%.`,
    },
    ...(watched.platform.buckets.some(({ replication }) => replication.length > 0) ? copying(watched) : []),
  ];
}

/**
 * The server counts failed tries of the last hour: one that is tried again with success leaves the count with that hour. Where none
 * succeeded in that hour, what failed is on this side alone.
 */
function copying(watched: Watched): AlertInWords[] {
  const of = (series: string): string => ofBuckets(`minio_bucket_replication_${series}`, watched);
  // Each target apart: that one takes copies says nothing of another.
  const worst = (of: string): string => `max by (bucket, targetArn) (${of})`;
  const failed = `${worst(of("last_hour_failed_bytes"))} and ${worst(of("last_hour_failed_count"))} > 0`;
  return [
    {
      name: "ReplicationFails",
      expression: `max by (bucket) (${of("last_hour_failed_count")}) > 0`,
      seconds: 300,
      severity: "warning",
      summary: `Of bucket {{ $labels.bucket }} of ${watched.platform.name} {{ $value }} tries to copy an object to the other server failed in the last hour.`,
    },
    {
      name: "ReplicationStalled",
      expression: `max by (bucket) (${failed} unless ${worst(`increase(${of("sent_count")}[1h])`)} > 0)`,
      seconds: 300,
      severity: "critical",
      summary: `Of bucket {{ $labels.bucket }} of ${watched.platform.name} nothing has come to the other server for an hour, and {{ humanize1024 $value }}B failed to: a loss now would cost them.`,
    },
  ];
}
