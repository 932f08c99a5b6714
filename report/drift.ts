import type { Finding } from "../scan/finding.ts";
import type { ScanReport } from "../scan/report/report.ts";
import type { Report } from "./schema.ts";

type Drift = Extract<Report["drift"], { findings: unknown }>["findings"][number];

/** What `scan` found, as the report tells it. */
export function driftOf({ findings }: Pick<ScanReport, "findings">, stack: string): Report["drift"] {
  return { findings: findings.map((each) => driftFinding(each, stack)) };
}

/** What is surely no other platform's where only some are known: what is in no spec may be in that of another one. */
export function withoutOthers(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ kind, platform }) => kind !== "unmanaged" || platform !== null);
}

function driftFinding(found: Finding, stack: string): Drift {
  const { kind, severity, subject, path, expected, actual, message } = found;
  return {
    severity: severity === "critical" || severity === "high" ? "critical" : "warning",
    check: subject.kind,
    name: subject.name,
    kind,
    path: path === "" ? subject.kind : path,
    expected: kind === "unmanaged" ? "in no spec" : words(expected),
    actual: kind === "changed" ? words(actual) : message,
    cure: CURES[kind](stack),
  };
}

const CURES: Readonly<Record<Finding["kind"], (stack: string) => string>> = {
  changed: (stack) =>
    `pulumi up --stack ${stack} --refresh writes what the spec says; if the server is right, change the spec`,
  missing: (stack) =>
    `pulumi up --stack ${stack} --refresh makes it again; if it is gone on purpose, take it out of the spec`,
  unmanaged: () =>
    "add it to a spec (bucketworks import-server drafts one), or remove it from the server; docs/drift.md says how to accept it",
};

function words(value: unknown): string {
  return value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value);
}
