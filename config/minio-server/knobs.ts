import { z } from "zod";

/** Of Go's durations those that a person writes: `90s`, `5m`, `2h`. */
const duration = z.string().regex(/^[1-9]\d*(?:s|m|h)$/, "must be a time like 30s, 5m or 2h");
const count = z.int().min(1).max(100_000);

/** A setting of the server that tunes it: its variable, and where its configuration has it. */
interface Knob {
  readonly variable: string;
  readonly at: readonly [subsystem: string, key: string];
}

const knob = (variable: string, ...at: Knob["at"]): Knob => ({ variable, at });

export const KNOBS = {
  siteName: knob("MINIO_SITE_NAME", "site", "name"),
  scannerSpeed: knob("MINIO_SCANNER_SPEED", "scanner", "speed"),
  requestsMax: knob("MINIO_API_REQUESTS_MAX", "api", "requests_max"),
  listQuorum: knob("MINIO_API_LIST_QUORUM", "api", "list_quorum"),
  gzipObjects: knob("MINIO_API_GZIP_OBJECTS", "api", "gzip_objects"),
  directIo: knob("MINIO_API_ODIRECT", "api", "odirect"),
  deleteCleanupInterval: knob("MINIO_API_DELETE_CLEANUP_INTERVAL", "api", "delete_cleanup_interval"),
  transitionWorkers: knob("MINIO_ILM_TRANSITION_WORKERS", "ilm", "transition_workers"),
  expirationWorkers: knob("MINIO_ILM_EXPIRATION_WORKERS", "ilm", "expiration_workers"),
  driveTimeout: knob("MINIO_DRIVE_MAX_TIMEOUT", "drive", "max_timeout"),
} as const satisfies Readonly<Record<string, Knob>>;

type KnobName = keyof typeof KNOBS;

/** `bucketworks:server.tuning`: absent is the server's own default. */
export const Tuning = z.strictObject({
  siteName: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, "must be lower-case letters, digits and dashes")
    .optional(),
  scannerSpeed: z.enum(["fastest", "fast", "default", "slow", "slowest"]).optional(),
  requestsMax: count.optional(),
  listQuorum: z.enum(["strict", "optimal", "reduced", "disk", "auto"]).optional(),
  gzipObjects: z.boolean().optional(),
  directIo: z.boolean().optional(),
  deleteCleanupInterval: duration.optional(),
  transitionWorkers: count.optional(),
  expirationWorkers: count.optional(),
  driveTimeout: duration.optional(),
} satisfies Record<KnobName, z.ZodType>);

export type Tuning = z.output<typeof Tuning>;

/** What is set, in MinIO's words. */
export function knobsOf(tuning: Tuning): readonly (Knob & { readonly value: string })[] {
  return (Object.keys(KNOBS) as KnobName[]).flatMap((name) => {
    const given = tuning[name];
    if (given === undefined) return [];
    const value = typeof given === "boolean" ? (given ? "on" : "off") : String(given);
    return [{ ...KNOBS[name], value }];
  });
}

/** Name of the server's target for audits, where a stack has one. */
export const AUDIT_TARGET = "bucketworks";

/** What a server's configuration has where a stack sets it so. */
export function expectedOf(tuning: Tuning): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const expected: Record<string, Record<string, string>> = {};
  for (const { at, value } of knobsOf(tuning)) expected[at[0]] = { ...expected[at[0]], [at[1]]: value };
  return expected;
}

/** What the sources name and no server has any more, by the key or the variable that somebody may write for it. */
const GONE: readonly { readonly name: RegExp; readonly why: string }[] = [
  {
    name: /^(MINIO_CACHE(_\w+)?|(drive|disk)?cache([A-Z_]\w*)?)$/i,
    why: "MinIO has no drive cache any more: it was removed in October 2023 with all of MINIO_CACHE_*; faster drives or more memory do what it did",
  },
  {
    name: /^(MINIO_API_REQUESTS_DEADLINE|requests_?deadline)$/i,
    why: "MinIO has no limit on how long a request may wait for its turn any more: it answers at once that it is too busy",
  },
  {
    name: /^(MINIO_KMS_MASTER_KEY(_FILE)?|kms_?master_?key)$/i,
    why: "MinIO reads no master key any more: its one key is bucketworks:kmsKey",
  },
];

/** Why a setting isn't there, or what it is called here; undefined for one that never was. */
export function goneReason(name: string): string | undefined {
  const known = (Object.keys(KNOBS) as KnobName[]).find((each) => KNOBS[each].variable === name);
  if (known !== undefined) return `is called bucketworks:server.tuning.${known} here`;
  return GONE.find((each) => each.name.test(name))?.why;
}
