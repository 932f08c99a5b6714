import { z } from "zod";
import { defaults } from "../defaults.ts";
import { access } from "./access.ts";
import { alerting } from "./alerting.ts";
import { backup } from "./backup.ts";
import { bucketGroup } from "./bucket.ts";
import { database } from "./database.ts";
import { databaseBackup } from "./database-backup.ts";
import { experiment } from "./experiments.ts";
import { features } from "./features.ts";
import { services } from "./services.ts";
import { unmanagedEntry } from "./unmanaged.ts";
import { workload } from "./workload.ts";

const metadata = z
  .strictObject({
    version: z.string().optional().describe('Version of the platform, for example "v1.0.0"'),
    description: z.string().optional().describe("What the platform is, for people"),
    environment: z.string().optional().describe("A label; stages come from the stack, not from here"),
    naming: z
      .enum(["plain", "layered"])
      .meta({ default: defaults.naming })
      .optional()
      .describe("layered: bucket names begin with a two-digit layer prefix; plain: kebab-case only"),
    naming_exceptions: z
      .array(z.string())
      .optional()
      .describe("Buckets of this file that may lack the layer prefix; only with naming: layered"),
  })
  .describe("About the platform");

const minioConfig = z
  .strictObject({
    endpoint: z
      .string()
      .meta({ examples: ["localhost:9000"] })
      .describe("host:port of the S3 port, no scheme"),
    access_key: z.string().optional().describe("Root user; stays out of the resolved model"),
    secret_key: z.string().optional().describe("Root password; stays out of the resolved model"),
    secure: z
      .boolean()
      .meta({ type: ["boolean", "string"] })
      .optional()
      .describe("TLS; absent is true, and false where the endpoint is this machine itself"),
    region: z.string().meta({ default: defaults.region }).optional().describe("Region the server answers for"),
  })
  .describe(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the form a spec is written in
    "Fallback for stand-alone use; stack config wins. ${VAR} and ${VAR:-default} work here only. Files of one stack must agree",
  );

/** The shape of a file without `environments`, and of a stage's merged document. */
export const platformSpec = z.strictObject({
  metadata: metadata.optional(),
  minio_config: minioConfig.optional(),
  bucket_groups: z
    .record(z.string(), bucketGroup)
    .optional()
    .describe("Groups of buckets; a group's settings cascade to its buckets, a bucket's own value wins"),
  access: access.optional(),
  database: database.optional(),
  database_backup: databaseBackup.optional(),
  workloads: z
    .record(z.string(), workload)
    .optional()
    .describe("Programs of the platform by name; on Kubernetes alone"),
  alerting: alerting.optional(),
  services: services.optional(),
  experiments: z
    .record(z.string(), experiment)
    .optional()
    .describe("Experiments on variants of the model of model_api, by name; who takes part in two is in the first"),
  features: features.optional(),
  backup: backup.optional(),
  unmanaged: z
    .array(unmanagedEntry)
    .optional()
    .describe("What is on the server, known and left alone; scan counts it, and reports what changes"),
});

export type PlatformSpec = z.infer<typeof platformSpec>;
