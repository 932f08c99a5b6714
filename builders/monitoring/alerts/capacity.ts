import type { Alerting } from "../../../config/model.ts";
import { type AlertInWords, ofBuckets, ofServer, type Watched } from "../alert.ts";

/** Numbers of the server's scanner: they change once a round, so a moment more proves nothing. */
const SECONDS = 600;

/** Space runs out. */
export function capacity(watched: Watched, { capacity: { quotaPercent, freePercent } }: Alerting): AlertInWords[] {
  const name = watched.platform.name;
  const ofEach = (metric: string): string => `max by (bucket) (${ofBuckets(metric, watched)})`;
  const used = `100 * ${ofEach("minio_bucket_usage_total_bytes")} / ${ofEach("minio_bucket_quota_total_bytes")}`;
  const whole = (metric: string): string => `max(${ofServer(metric, watched)})`;
  const free = `100 * ${whole("minio_cluster_capacity_usable_free_bytes")} / ${whole("minio_cluster_capacity_usable_total_bytes")}`;
  return [
    {
      name: "BucketNearQuota",
      expression: `${used} > ${quotaPercent}`,
      seconds: SECONDS,
      severity: "warning",
      summary: `Bucket {{ $labels.bucket }} of ${name} uses {{ printf "%.0f" $value }}% of its quota; once a usage scan of the server finds it full, writes are refused.`,
    },
    {
      name: "ServerNearlyFull",
      expression: `${free} < ${freePercent}`,
      seconds: SECONDS,
      severity: "critical",
      summary: `Of the space of the object storage of ${name} {{ printf "%.0f" $value }}% is free.`,
    },
  ];
}
