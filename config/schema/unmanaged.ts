import { z } from "zod";

/** What of a server can be known without being managed: what `scan` calls unmanaged. */
export const UNMANAGED_KINDS = [
  "bucket",
  "public grant",
  "replication",
  "notification",
  "user",
  "group",
  "policy",
  "attachment",
  "membership",
  "service account",
  "tier",
] as const;

/** Something that is on the server and that no spec makes. */
export const unmanagedEntry = z
  .strictObject({
    kind: z.enum(UNMANAGED_KINDS).describe("What it is"),
    name: z.string().describe("As scan shows it: `user NAME/POLICY` of an attachment, `GROUP/USER` of a membership"),
    digest: z
      .string()
      .meta({ pattern: "^sha256:[0-9a-f]{64}$" })
      .describe("Digest of the form that import-server gave it; scan reports a thing whose digest is another"),
    says: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        "The form itself, a fact a line: with it scan says what changed. A public grant must have it, and its digest must be that of these lines",
      ),
    reason: z.string().min(1).describe("Why it isn't in the spec, for people"),
  })
  .describe("Something on the server that no spec makes; scan accepts it as long as it stays as it is");

export type UnmanagedSpec = z.infer<typeof unmanagedEntry>;
