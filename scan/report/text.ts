import { plainText } from "../../config/text/plain.ts";
import { waitingLines } from "../../live/bucket-words.ts";
import type { Finding, NotLooked, SubjectKind } from "../finding.ts";
import type { ScanReport } from "./report.ts";

/**
 * The report for a terminal: a line a finding, the highest risk first.
 * @param notes said before the summary
 */
export function textReport(report: ScanReport, quiet: boolean, notes: readonly string[] = []): string[] {
  const lines = [...report.findings.map(findingText), ...notLookedLines(report.notLooked)];
  if (quiet) return lines;
  return [
    ...lines,
    ...report.unusedIgnores.map(({ kind, name, place }) => `${place}: the entry for ${kind} ${name} is not needed`),
    ...waitingLines(report.waiting),
    ...notes,
    summary(report),
  ].map(plainText);
}

/** `critical  changed    public grant raw-data  policy: anyone may s3:GetObject on ...`. */
function findingText({ severity, kind, subject, message }: Finding): string {
  return plainText(`${severity.padEnd(8)}  ${kind.padEnd(9)}  ${subject.kind} ${subject.name}: ${message}`);
}

/** One line a reason. */
export function notLookedLines(notLooked: readonly NotLooked[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { subject, reason } of notLooked) {
    const name = subject.name === null ? allOf(subject.kind) : `${subject.kind} ${subject.name}`;
    byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  }
  return [...byReason].map(([reason, names]) => plainText(`could not look at ${shortened(names)}: ${reason}`));
}

/** `policies`, `site replication`. */
export function allOf(kind: SubjectKind): string {
  return /(replication|configuration)$/.test(kind) ? kind : `${kind}s`.replace(/ys$/, "ies");
}

function shortened(names: readonly string[]): string {
  if (names.length <= 5) return names.join(", ");
  return `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`;
}

/** `buckets 29, users 20, ...: as the specs say (stage dev, http://localhost:9000)`. */
export function summary({ stage, server, looked, findings, ignored, unmanaged, notLooked }: ScanReport): string {
  const { buckets, users, groups, policies, serviceAccounts } = looked;
  const what = `buckets ${buckets}, users ${users}, groups ${groups}, policies ${policies}, service accounts ${serviceAccounts}`;
  const left = ignored > 0 ? `, ignored ${ignored}` : "";
  const known = Object.values(unmanaged).reduce((sum, each) => sum + each, 0);
  const open = unmanaged["public grant"] === undefined ? "" : ` (public grants ${unmanaged["public grant"]})`;
  const apart = known > 0 ? `, unmanaged ${known}${open}` : "";
  const unread = notLooked.length > 0 ? `, could not look at ${notLooked.length}` : "";
  const found = findings.length === 0 && notLooked.length === 0 ? "as the specs say" : `findings ${findings.length}`;
  const unseen = looked.configuration ? "" : ", server configuration not looked at (docs/drift.md)";
  return `${what}: ${found}${apart}${left}${unread}${unseen} (stage ${stage}, ${server})`;
}
