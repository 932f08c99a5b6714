import type { Connection } from "../../provider/server/connection.ts";

/** What can be left over, by the names that `--delete` takes. */
export const KINDS = ["uploads", "failed", "released"] as const;

export type Kind = (typeof KINDS)[number];

/** Something that nobody needs any more, as it was found. */
export interface Leftover {
  readonly kind: Kind;
  readonly bucket: string;
  /** What it is, in words: `2 uploads begun before 2026-11-23T10:00:00.000Z`. */
  readonly what: string;
  /** Uploads or buckets that would go. */
  readonly count: number;
  /** Of a bucket that is only reported and holds more than is counted, what was counted. */
  readonly bytes: number;
  /** Why it is only reported, and what can be done; undefined where it can be removed. */
  readonly stays: string | undefined;
  /** Removes exactly what was found. @throws what the server answers */
  readonly remove: (server: Connection) => Promise<void>;
  /** What is to be done to the state when all are removed; the same function for several is called once. */
  readonly settle?: () => Promise<void>;
}

/** A leftover that is only reported. */
export function reported(about: Omit<Leftover, "remove" | "stays">, stays: string): Leftover {
  return { ...about, stays, remove: async () => undefined };
}
