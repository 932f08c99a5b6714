import type { Platform } from "../config/model.ts";
import type { VerifyReport } from "../verify/buckets.ts";
import type { ForgedReport } from "../verify/forged/forged-report.ts";
import type { IdentityReport } from "../verify/identities/verify-identities.ts";
import type { Report, ReportBucket } from "./schema.ts";

/** What `verify` found; `identities` is null where they weren't tried. */
export type Verified = VerifyReport & { readonly identities: IdentityReport | null; readonly forged: ForgedReport };

/** What a report is made of: all that was read and tried, before anything is judged. */
export interface Parts
  extends Pick<
    Report,
    "server" | "access" | "drift" | "backups" | "database_backups" | "replication" | "alerts" | "not_looked"
  > {
  readonly began: Date;
  readonly ended: Date;
  readonly stage: string;
  /** Name of the stack, for cures. */
  readonly stack: string;
  readonly platforms: readonly Platform[];
  readonly verified: Verified;
  /** Buckets in which some identity's key was tried. */
  readonly tried: ReadonlySet<string>;
  /** How long each answer about a bucket's settings took, in milliseconds. */
  readonly answers: ReadonlyMap<string, readonly number[]>;
  /** Size and contents, where they were looked at. */
  readonly contents: ReadonlyMap<string, Contents>;
}

/** What is in a bucket. */
export type Contents = Pick<ReportBucket, "usage" | "prefixes" | "ages" | "expires" | "suggestions" | "listed">;

export const NO_CONTENTS: Contents = {
  usage: null,
  prefixes: [],
  ages: [],
  expires: [],
  suggestions: [],
  listed: null,
};
