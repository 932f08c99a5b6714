import type { Markdown } from "./markdown.ts";

/** What a change does to data or to who reaches it, most dangerous first. */
export const RISKS = [
  "removed",
  "released",
  "tier",
  "public",
  "retention",
  "lock",
  "versioning",
  "encryption",
  "access",
  "protection",
  "quota",
  "rest",
] as const;

export type Risk = (typeof RISKS)[number];

export type SubjectKind = "bucket" | "user" | "service account" | "group" | "policy" | "workload" | "platform" | "tier";

/** What changes: a bucket, an identity or another part of the specs, or a tier of the stack. */
export interface Subject {
  readonly kind: SubjectKind;
  /** Several where the same change hits all of them. */
  readonly names: readonly string[];
  readonly platform: string;
}

export interface Change {
  readonly risk: Risk;
  readonly subject: Subject;
  readonly text: Markdown;
  /** Settings of the model that this says all about, by their beginning: `lifecycle.drop-cache`. */
  readonly settings: readonly string[];
}

/** A weakening of one bucket, before its subject is known. */
export type Weaker = Omit<Change, "subject">;

/** A subject with its changes. */
export interface Ranked {
  readonly subject: Subject;
  /** That of the most dangerous change. */
  readonly risk: Risk;
  /** Most dangerous first. */
  readonly changes: readonly Change[];
}

/** Groups changes by subject; subjects are sorted by risk, then platform, kind and name. */
export function ranked(changes: readonly Change[]): Ranked[] {
  const subjects = new Map<string, Ranked>();
  const sorted = changes.toSorted((a, b) => RISKS.indexOf(a.risk) - RISKS.indexOf(b.risk));
  for (const change of sorted) {
    const { kind, names, platform } = change.subject;
    const key = [platform, kind, ...names].join("\n");
    const found = subjects.get(key) ?? { subject: change.subject, risk: change.risk, changes: [] };
    subjects.set(key, { ...found, changes: [...found.changes, change] });
  }
  const place = ([key, { risk }]: [string, Ranked]): [number, string] => [RISKS.indexOf(risk), key];
  return [...subjects]
    .toSorted((a, b) => {
      const [[riskA, keyA], [riskB, keyB]] = [place(a), place(b)];
      return riskA - riskB || (keyA < keyB ? -1 : 1);
    })
    .map(([, subject]) => subject);
}
