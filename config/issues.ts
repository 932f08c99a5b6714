import type { Path } from "./document/source-tree.ts";
import type { ErrorCode } from "./error-codes.ts";
import { plainText } from "./text/plain.ts";

/** One fault of a spec, at the place where the reader can fix it. */
export interface SpecIssue {
  readonly code: ErrorCode;
  /** As the caller named the file. */
  readonly file: string;
  /** From 1; 0 where the fault is about the file as a whole. */
  readonly line: number;
  /** From 1, in UTF-16 units; 0 where the fault is about the file as a whole. */
  readonly column: number;
  /** Dotted place in the file, `bucket_groups.raw.buckets[0].name`; empty for the whole file. */
  readonly path: string;
  /** What is wrong, the value given and what is allowed; lower case, no full stop. */
  readonly message: string;
  /** The likely remedy. */
  readonly fix: string;
  /** The stage whose merged document alone has the fault; null where the base document has it. */
  readonly stage: string | null;
}

/** A fault before it is placed: `path` is where it shows, `involved` are other values that cause it. */
export interface Fault {
  readonly code: ErrorCode;
  readonly path: Path;
  /** Point at the key of the entry instead of at its value. */
  readonly onKey?: boolean;
  /** A stage's overlay that gave one of these is where the reader has to look. */
  readonly involved?: readonly Path[];
  readonly message: string;
  readonly fix: string;
}

/** `file:line:column CODE path: message; fix`, the one text form of an issue. */
export function formatIssue(issue: SpecIssue): string {
  const place = issue.line === 0 ? issue.file : `${issue.file}:${issue.line}:${issue.column}`;
  const path = issue.path === "" ? "" : ` ${issue.path}:`;
  const stage = issue.stage === null ? "" : ` (in stage ${issue.stage})`;
  return plainText(`${place} ${issue.code}${path} ${issue.message}${stage}; ${issue.fix}`);
}

/** Sorted by place, each place and message once. The first of two equal issues stays. */
export function tidyIssues(issues: readonly SpecIssue[]): SpecIssue[] {
  const seen = new Map<string, SpecIssue>();
  for (const issue of issues) {
    const key = JSON.stringify([issue.file, issue.line, issue.column, issue.code, issue.message]);
    if (!seen.has(key)) seen.set(key, issue);
  }
  return [...seen.values()].sort(byPlace);
}

function byPlace(a: SpecIssue, b: SpecIssue): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
}
