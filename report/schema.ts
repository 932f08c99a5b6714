import { z } from "zod";

const instant = z.iso.datetime().describe("UTC");
const percent = z.number().min(0).max(100);
const bytes = z.number().min(0).describe("bytes");
const count = z.int().min(0);
/** Why something is absent: one sentence. */
const reason = z.string().min(1);
const cost = z.number().min(0).optional().describe("of its size for a month, where a price was given");
const notLooked = z.strictObject({ reason });

/** One thing that isn't as the spec says. */
export const reportFinding = z.strictObject({
  severity: z.enum(["critical", "warning"]),
  check: z.string().describe("what was compared or tried: exists, versioning, lifecycle, identities, forged ..."),
  path: z.string().describe("where in the platform's file, or on the server"),
  expected: z.string(),
  actual: z.string(),
  cure: z.string().describe("one sentence: what somebody does about it"),
});

const usage = z.strictObject({
  bytes,
  objects: count,
  versions: count.nullable().describe("null where the source doesn't count them"),
  source: z
    .enum(["server", "listing"])
    .describe("server: its scanner's count, as of the time in at; listing: counted object by object"),
  at: instant.describe("how old the figures are"),
  complete: z.boolean().describe("false where a listing ended at its limit"),
});

const bucket = z.strictObject({
  name: z.string(),
  platform: z.string(),
  layer: z.string().nullable(),
  status: z.enum(["healthy", "unhealthy", "unknown"]).describe("unknown: it could not be looked at"),
  health_score: percent.nullable().describe("null where the status is unknown"),
  checks_made: count,
  checks_failed: count,
  findings: z.array(reportFinding),
  not_looked: reason.nullable(),
  probe_latency_ms: z.number().min(0).nullable().describe("median of reads of its settings, milliseconds"),
  usage: usage.nullable(),
  quota: z
    .strictObject({ bytes, used_percent: z.number().min(0) })
    .nullable()
    .describe("null where the bucket has none, or its size isn't known"),
  prefixes: z
    .array(z.strictObject({ prefix: z.string(), bytes, objects: count }))
    .describe("the largest prefixes of the first level, largest first, 10 at most; empty where nothing was listed"),
  ages: z
    .array(z.strictObject({ from_days: count, to_days: count.nullable(), bytes, objects: count }))
    .describe("current versions by their age; to_days isn't in it, null has no end"),
  expires: z
    .array(z.strictObject({ within_days: count, bytes, objects: count }))
    .describe("what lifecycle rules end within 1, 7, 30, 90 days; each holds those before it"),
  suggestions: z.array(z.string()).describe("what a lifecycle rule would free, from the ages seen"),
  listed: z
    .strictObject({ objects: count, complete: z.boolean().describe("false where it ended at its limit") })
    .nullable()
    .optional()
    .describe("the listing that prefixes, ages and expires tell of; null where nothing was listed"),
  cost_per_month: cost,
});

/** What an identity may do in a bucket. */
const access = z.strictObject({
  identity: z.string(),
  kind: z.enum(["user", "service_account", "anyone"]),
  platform: z.string().nullable(),
  bucket: z.string(),
  actions: z.array(z.string()).describe("list, read, write, delete, inspect ... from effective policies on the server"),
  prefixes: z.array(z.string()).describe("where it may; empty is everywhere in the bucket"),
  confirmed: z.boolean().nullable().describe("tries agreed, disagreed; null: not tried"),
});

/** One run, as the history keeps it. */
export const runSummary = z.strictObject({
  at: instant,
  stage: z.string(),
  server: z.string().describe("URL"),
  overall_health_score: percent.nullable().describe("null where nothing could be looked at"),
  total_buckets: count,
  unhealthy_buckets: count.describe("unhealthy and unknown ones"),
  bytes: bytes.nullable(),
  latency_ms: z.number().min(0).nullable().describe("95th percentile of the buckets' probes, milliseconds"),
  drift_findings: count.nullable().describe("null where drift wasn't looked at"),
});

/** One drill of a backup, as the history keeps it. */
export const backupDrill = z.strictObject({
  at: instant.describe("when it began"),
  passed: z.boolean().describe("everything that was restored is as it was"),
  sample: z.boolean().describe("false where every object was restored"),
  objects: count,
  bytes,
  loss_seconds: z
    .number()
    .min(0)
    .describe("RPO: how old the newest manifest was, which is what a loss then would have cost"),
  duration_seconds: z.number().min(0).describe("RTO: how long restoring and comparing took"),
  failure: z.string().nullable().describe("one sentence where it didn't pass"),
});

/** One drill of the backups of a PostgreSQL server, as `bucketworks database drill` keeps it. */
const databaseDrill = z.strictObject({
  at: instant.describe("when it began"),
  restore_seconds: z.number().min(0).describe("RTO: until the restored server took connections"),
  duration_seconds: z.number().min(0).describe("until every row was read, too"),
  loss_seconds: z
    .number()
    .min(0)
    .nullable()
    .describe("RPO: the changes of how many seconds a loss then would have cost; null where the server didn't tell"),
  tables: count,
  rows: z.number().min(0),
  bytes,
  gaps: count.describe("of the archived log: older moments that can't be restored"),
});

/** What `bucketworks report` and `verify --report` write. Fields of the source's programs keep their names. */
export const reportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  generated_at: instant,
  duration_seconds: z.number().min(0),
  stage: z.string(),
  server: z.strictObject({ url: z.string(), kind: z.string().nullable(), version: z.string().nullable() }),
  overall_health_score: percent.nullable(),
  score_formula: z.string(),
  total_buckets: count,
  healthy_buckets: count,
  unhealthy_buckets: count.describe("unhealthy and unknown ones"),
  platforms: z.array(
    z.strictObject({
      name: z.string(),
      health_score: percent.nullable(),
      total_buckets: count,
      unhealthy_buckets: count,
      bytes: bytes.nullable(),
      objects: count.nullable(),
      cost_per_month: cost,
    }),
  ),
  price_per_gib_month: z.number().min(0).optional().describe("as it was given, where it was"),
  buckets: z.array(bucket),
  findings: z.array(reportFinding).describe("of identities and of the server as a whole: no single bucket's"),
  access: z.union([z.strictObject({ entries: z.array(access) }), notLooked]),
  drift: z.union([
    z.strictObject({ findings: z.array(reportFinding.extend({ name: z.string(), kind: z.string() })) }),
    notLooked,
  ]),
  backups: z.union([
    z.strictObject({
      entries: z.array(
        z.strictObject({
          name: z.string().describe("of the bucket"),
          platform: z.string(),
          last_at: instant.nullable().describe("of its newest manifest; null where there is none"),
          max_age_hours: z.number().min(0),
          drill: backupDrill.nullable().describe("the last one that is known here"),
          max_drill_age_days: z.number().min(0),
          drill_overdue: z
            .boolean()
            .describe(
              "the last drill is older than that; or drills are scheduled, and the history knows none for so long",
            ),
        }),
      ),
    }),
    notLooked,
  ]),
  database_backups: z.union([
    z.strictObject({
      entries: z.array(
        z.strictObject({
          server: z.string().describe("name of the PostgreSQL server below the prefix"),
          platform: z.string().describe("whose file asks for the backups; they are of all databases of the server"),
          is_current: z
            .boolean()
            .describe("its log is the newest there; the others are servers that were replaced, or stand still"),
          last_base_at: instant
            .nullable()
            .describe("when the newest whole base backup ended; null where there is none"),
          max_age_hours: z.number().min(0),
          recoverable_from: instant.nullable().describe("when the oldest whole base backup ended"),
          recoverable_until: instant
            .nullable()
            .describe(
              "when the newest segment of the log was stored: changes until shortly before can be restored. Gaps aren't looked for; bucketworks database list does",
            ),
          drill: databaseDrill.nullable().describe("the last one that is known here"),
        }),
      ),
    }),
    notLooked,
  ]),
  replication: z.union([
    z.strictObject({
      entries: z.array(
        z.strictObject({
          name: z.string().describe("of the bucket"),
          platform: z.string(),
          answers: z.boolean().describe("every server that it is copied to answered when it was last asked"),
          queued_objects: count.describe("waiting to be sent"),
          queued_bytes: bytes,
          failed_objects: count.describe("tries of the last hour that failed, also where a later one succeeded"),
          failed_bytes: bytes,
        }),
      ),
    }),
    notLooked,
  ]),
  alerts: z.union([
    z.strictObject({
      entries: z.array(
        z.strictObject({
          name: z.string(),
          severity: z.string(),
          platform: z.string().nullable(),
          since: instant,
          summary: z.string(),
        }),
      ),
    }),
    notLooked,
  ]),
  trend: z.array(runSummary).describe("earlier runs of the same stage and server, oldest first, this one last"),
  not_looked: z.array(z.strictObject({ what: z.string(), reason })),
});

export type Report = Readonly<z.infer<typeof reportSchema>>;
export type ReportBucket = Report["buckets"][number];
export type ReportFinding = z.infer<typeof reportFinding>;
export type BackupEntry = Extract<Report["backups"], { entries: unknown }>["entries"][number];
export type ReplicationEntry = Extract<Report["replication"], { entries: unknown }>["entries"][number];
export type DatabaseBackupEntry = Extract<Report["database_backups"], { entries: unknown }>["entries"][number];
export type DatabaseDrill = Readonly<z.infer<typeof databaseDrill>>;
export type BackupDrill = Readonly<z.infer<typeof backupDrill>>;
export type RunSummary = Readonly<z.infer<typeof runSummary>>;
