import { z } from "zod";
import { UNMANAGED_KINDS } from "../config/schema/unmanaged.ts";

/** What a finding or an entry of the ignore file is about. */
export const SUBJECTS = [
  ...UNMANAGED_KINDS,
  "site replication",
  "batch job",
  "server configuration",
  "ignore entry",
] as const;

/** The highest first. critical: anyone, or a key of root's; high: access is wider or data in danger. */
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;

export const KINDS = ["changed", "missing", "unmanaged"] as const;

export type SubjectKind = (typeof SUBJECTS)[number];
export type Severity = (typeof SEVERITIES)[number];

const subject = z
  .strictObject({
    kind: z.enum(SUBJECTS),
    name: z.string().describe("as on the server; `user NAME/POLICY` of an attachment, `GROUP/USER` of a membership"),
  })
  .describe("what is found");

/** A place in which the server isn't as the specs say, or holds what no spec names. */
export const findingSchema = z.strictObject({
  kind: z
    .enum(KINDS)
    .describe("changed: not as the spec says; missing: the server says that it isn't there; unmanaged: in no spec"),
  severity: z.enum(SEVERITIES).describe("by risk"),
  subject,
  platform: z.string().nullable().describe("whose spec names it; null where none does"),
  path: z.string().describe("the setting, `tags.layer` for example; empty where the whole subject is meant"),
  expected: z.json().describe("as the spec says; null is none"),
  actual: z.json().describe("as on the server; null is none"),
  message: z.string().describe("one line for people, without the name"),
});

/** A part of the server that could not be looked at: neither right nor wrong. */
export const notLookedSchema = z.strictObject({
  subject: z.strictObject({ kind: z.enum(SUBJECTS), name: z.string().nullable().describe("null: all of the kind") }),
  reason: z.string().describe("one sentence"),
});

export type Finding = z.infer<typeof findingSchema>;
export type NotLooked = z.infer<typeof notLookedSchema>;

/** Highest risk first, then by kind, subject and path. */
export function byRisk(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    SUBJECTS.indexOf(a.subject.kind) - SUBJECTS.indexOf(b.subject.kind) ||
    order(a.subject.name, b.subject.name) ||
    order(a.path, b.path)
  );
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
