import type { WorkloadPlace } from "../../builders/workloads/workload-metadata.ts";
import type { Workload } from "../../config/model.ts";
import { modelOf } from "./spec.ts";

/** Where the workloads of a test run. */
export const PLACE: WorkloadPlace = {
  platform: "trial",
  configDigest: "0123456789abcdef",
  namespace: "mlops",
  stage: "production",
  image: "registry.example/workloads:1.0.0",
  programImages: { cybersec: "registry.example/cybersec:1.0.0" },
  imagePullSecret: undefined,
  server: "https://minio-service.mlops.svc.cluster.local:9000",
  caSecret: "minio-tls",
  databaseCaSecret: "postgresql-tls",
  backupTargets: {
    offsite: { endpoint: "https://offsite.example:9000", region: "eu-west-1", caFile: "offsite-ca.pem" },
  },
};

const SPEC = `
bucket_groups: {raw: {versioning: true, buckets: [{name: raw-data}]}}
access:
  policies: {reader: {grants: [{role: read, bucket: raw-data}]}}
  users: {jobs: {policies: [reader]}}
  service_accounts: {trial-reader: {user: jobs, policies: [reader]}}
database: {name: trial_db, roles: {reporter: {description: reads}}}
workloads:
  first:
    kind: job
    gates: true
    arguments: [verify, --no-identities]
    service_account: trial-reader
    config: bucket-config
  report:
    kind: scheduled_job
    image: registry.example/report:1.2.0
    command: [report]
    schedule: "0 6 * * 1"
    time_zone: America/Bogota
    deadline: 30m
    retries: 1
    home: 2Gi
    variables: {REPORT_FORMAT: html}
    database_role: reporter
    service_account: trial-reader
  ingestion:
    kind: scheduled_job
    image: cybersec
    schedule: "0 2 * * *"
  stages:
    kind: job
    image: cybersec
    config: bucket-config
    variables: {COMMON: "1"}
    steps:
      - {name: extract, arguments: [extract], service_account: trial-reader}
      - {name: load, arguments: [load], database_role: reporter, variables: {COMMON: "2"}}
      - {name: judge, command: [judge]}
  serving:
    kind: service
    image: registry.example/serving:1.2.0
    port: 8080
    health: /healthz
    replicas: {min: 2, max: 4}
backup: {to: offsite, bucket: trial-backups, schedule: "17 2 * * *", keep: 90, buckets: [{name: raw-data}]}
`;

/** A job, a scheduled job and a service that use every key between them, and the job of a backup on another server. */
export function someWorkloads(): readonly Workload[] {
  return modelOf(SPEC, "production").platforms[0]?.workloads ?? [];
}
