import { z } from "zod";
import { days, list, object, text, texts } from "./model-shapes.ts";

/** Backups of buckets: what, where to, when, for how long. */
export const backup = object({
  /** The other server that it is on, as the stack calls it; null is the server of the buckets. */
  to: text.nullable().default(null),
  /** The target; one of the platform's own buckets where it is on the same server. */
  bucket: text,
  /** Below which everything lies in it; `""` is the whole bucket. */
  prefix: text,
  /** As cron has it, in UTC. */
  schedule: text,
  keepDays: days,
  /** Sorted by bucket. */
  buckets: list(
    object({
      bucket: text,
      /** Beginnings of keys, sorted, none within another; empty is the whole bucket. */
      prefixes: texts,
    }),
  ),
  /** Whose key it is made with. */
  serviceAccount: text,
  /** Drills by the clock; null is none, as in a model of a version that had none. */
  drill: object({
    /** As cron has it, in UTC. */
    schedule: text,
    /** Objects of each bucket. */
    sample: z.number(),
    /** Whose key they are made with. */
    serviceAccount: text,
    /** Name on the server of the role by which the scheduled job keeps what came of them. */
    databaseRole: text.nullable(),
  })
    .nullable()
    .default(null),
});

export type Backup = z.output<typeof backup>;
