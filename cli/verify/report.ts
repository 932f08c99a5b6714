import { findingLine, waitingLines } from "../../live/bucket-words.ts";
import type { Verified } from "../../report/parts.ts";
import type { NotRead } from "../../verify/buckets.ts";
import { forgedLine, leftLine, untriedLine } from "../../verify/forged/forged-words.ts";
import { identityLine } from "../../verify/identities/identity-words.ts";
import { printMarked, printVerdict } from "../terminal/colour.ts";
import { counted, print } from "../terminal/print.ts";

/** Everything that is wrong. */
export function wrongOf({ findings, identities, forged }: Verified): number {
  return findings.length + (identities?.findings.length ?? 0) + forged.findings.length + forged.left.length;
}

/** Everything that could not be looked at, and should have been. */
export function unlookedAt({ notRead, identities, forged }: Verified): number {
  return notRead.length + (identities?.notTried.length ?? 0) + forged.notTried.length;
}

/** Prints findings, what could not be looked at, and unless `quiet` the notes and a summary. */
export function printText(report: Verified, quiet: boolean, notes: readonly string[]): void {
  const { findings, notRead, waiting, identities, forged } = report;
  const wrong = [
    ...findings.map(findingLine),
    ...(identities?.findings ?? []).map(identityLine),
    ...forged.findings.map(forgedLine),
    ...forged.left.map(leftLine),
  ];
  const unknown = [
    ...notReadLines(notRead),
    ...(identities?.notTried ?? []).map(({ identity, reason }) => `could not try ${identity}: ${reason}`),
    ...forged.notTried.map(untriedLine),
  ];
  for (const line of wrong) printMarked(line, "wrong");
  for (const line of unknown) printMarked(line, "unknown");
  if (quiet) return;
  for (const untried of forged.untried) print(untriedLine(untried));
  for (const line of [...waitingLines(waiting), ...notes]) print(line);
  printVerdict(summary(report), wrong.length > 0 ? "wrong" : unknown.length > 0 ? "unknown" : "right");
}

/** One line a reason. */
function notReadLines(notRead: readonly NotRead[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { bucket, reason } of notRead) byReason.set(reason, [...(byReason.get(reason) ?? []), bucket]);
  return [...byReason].map(([reason, buckets]) => `could not read ${buckets.join(", ")}: ${reason}`);
}

function summary(report: Verified): string {
  const { stage, server, buckets, identities } = report;
  const tried = identities?.identities ?? 0;
  const who = tried === 0 ? "" : `, ${counted(tried, "identity")} (${identities?.tries} tries)`;
  const what = `${counted(buckets, "bucket")}${who}`;
  const where = `(stage ${stage}, ${server})`;
  const wrong = wrongOf(report);
  const unread = unlookedAt(report);
  if (wrong === 0 && unread === 0) return `${what}: right ${where}`;
  return `${what}, ${counted(wrong, "finding")}${unread > 0 ? `, ${unread} could not be looked at` : ""} ${where}`;
}
