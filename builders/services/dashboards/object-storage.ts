import type { DashboardInWords } from "./panel.ts";

const ofEach = (metric: string): string => `max by (bucket) (${metric})`;
/** Each server answers for the whole cluster: no request counts twice. */
const rate = (metric: string, by: string): string =>
  `sum by (${by}) (max by (server, bucket, api) (rate(${metric}[$__rate_interval])))`;

/** U-084: storage in use, access and speed. */
export const objectStorage: DashboardInWords = {
  uid: "object-storage",
  title: "Object Storage",
  description: "Space, buckets, quotas and requests of the server",
  folder: "Operation",
  choices: [],
  rows: {
    Server: [
      {
        show: "numbers",
        title: "Free space",
        description: "Of the server's usable space. Alert ServerNearlyFull says when it is too little.",
        unit: "percent",
        queries: {
          free: "100 * max(minio_cluster_capacity_usable_free_bytes) / max(minio_cluster_capacity_usable_total_bytes)",
        },
        base: "red",
        steps: [
          [15, "yellow"],
          [25, "green"],
        ],
        wide: 6,
      },
      {
        show: "numbers",
        title: "Drives offline",
        description: "Drives that the server misses.",
        unit: "none",
        queries: { offline: "max(minio_cluster_drive_offline_total)" },
        steps: [[1, "red"]],
        wide: 6,
      },
      {
        show: "numbers",
        title: "Buckets",
        description: "All that the server has, of whatever platform.",
        unit: "none",
        queries: { buckets: "max(minio_cluster_bucket_total)" },
        base: "blue",
        wide: 6,
      },
      {
        show: "numbers",
        title: "Age of the usage figures",
        description: "Sizes and counts below are those of the server's last usage scan.",
        unit: "s",
        queries: { age: "max(minio_usage_last_activity_nano_seconds) / 1e9" },
        steps: [[7200, "yellow"]],
        wide: 6,
      },
    ],
    Buckets: [
      {
        show: "bars",
        title: "Largest buckets",
        description: "Bytes of all versions, by the last usage scan.",
        unit: "bytes",
        queries: { "{{bucket}}": `topk(10, ${ofEach("minio_bucket_usage_total_bytes")})` },
        base: "blue",
        wide: 12,
      },
      {
        show: "bars",
        title: "Use of quotas",
        description: "Buckets that have a quota. Once a usage scan finds one full, writes are refused.",
        unit: "percent",
        queries: {
          "{{bucket}}": `100 * ${ofEach("minio_bucket_usage_total_bytes")} / ${ofEach("minio_bucket_quota_total_bytes")}`,
        },
        steps: [
          [80, "yellow"],
          [95, "red"],
        ],
        wide: 12,
      },
      {
        show: "lines",
        title: "Space in use",
        description: "Bytes of all buckets and versions, by the last usage scan.",
        unit: "bytes",
        queries: { used: `sum(${ofEach("minio_bucket_usage_total_bytes")})` },
        wide: 12,
      },
      {
        show: "lines",
        title: "Objects",
        description: "Objects of all buckets, without former versions.",
        unit: "short",
        queries: { objects: `sum(${ofEach("minio_bucket_usage_object_total")})` },
        wide: 12,
      },
    ],
    Replication: [
      {
        show: "lines",
        title: "Copied to other servers",
        description: "Objects that the server has copied since its start. Empty where no bucket is copied.",
        unit: "short",
        queries: { "{{bucket}}": ofEach("minio_bucket_replication_sent_count") },
        wide: 12,
      },
      {
        show: "lines",
        title: "Not copied",
        description: "Tries that failed in the last hour; the server tries again. Alert ReplicationFails says so, too.",
        unit: "short",
        queries: { "{{bucket}}": ofEach("minio_bucket_replication_last_hour_failed_count") },
        wide: 12,
      },
    ],
    Requests: [
      {
        show: "lines",
        title: "Requests by kind",
        description: "A second, of all buckets.",
        unit: "reqps",
        queries: { "{{api}}": rate("minio_bucket_requests_total", "api") },
        wide: 8,
      },
      {
        show: "lines",
        title: "Requests that fail",
        description: "Refused (4xx) by kind. Many at once: a key or a policy is wrong. 5xx has alert RequestsFail.",
        unit: "reqps",
        queries: { "{{api}}": rate("minio_bucket_requests_4xx_errors_total", "api") },
        wide: 8,
      },
      {
        show: "lines",
        title: "Traffic",
        description: "Bytes a second that clients send and receive.",
        unit: "Bps",
        queries: {
          received: "max(rate(minio_s3_traffic_received_bytes[$__rate_interval]))",
          sent: "max(rate(minio_s3_traffic_sent_bytes[$__rate_interval]))",
        },
        wide: 8,
      },
    ],
  },
};
