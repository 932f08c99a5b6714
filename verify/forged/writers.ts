import type { Platform } from "../../config/model.ts";
import { identitiesOf } from "../identities/rights.ts";

/** A user who may put objects, by name, and where. */
export interface Writer {
  readonly accessKey: string;
  readonly label: string;
  readonly bucket: string;
  readonly prefix: string;
}

/** Names that are tried; a hole doesn't ask whose they are, and one of them may not be on the server yet. */
const ENOUGH = 3;

/** Users that the specs let write into one of these buckets, a place each. Their names are their access keys. */
export function writersOf(platforms: readonly Platform[], buckets: readonly string[]): Writer[] {
  const writers = platforms.flatMap(({ access }) =>
    identitiesOf(access).flatMap(({ name, kind, grants }): Writer[] => {
      const grant =
        kind === "user"
          ? grants[0]?.find(({ role, bucket }) => WRITE.has(role) && buckets.includes(bucket))
          : undefined;
      return grant === undefined
        ? []
        : [{ accessKey: name, label: name, bucket: grant.bucket, prefix: grant.prefixes[0] ?? "" }];
    }),
  );
  return writers.slice(0, ENOUGH);
}

const WRITE: ReadonlySet<string> = new Set(["write", "read_write"]);
