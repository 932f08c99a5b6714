import { markdownCell as cell, markdownCode as code } from "../../config/text/markdown.ts";
import { SEVERITIES } from "../finding.ts";
import type { ScanReport } from "./report.ts";
import { notLookedLines, summary } from "./text.ts";

/** The report for a pull request or an issue. What comes from the server stands in code spans and can do nothing. */
export function markdownReport(report: ScanReport): string {
  const { findings, notLooked, unusedIgnores } = report;
  const parts = [`**Scan of ${code(report.server)}**`, "", code(summary(report))];
  for (const severity of SEVERITIES) {
    const own = findings.filter((each) => each.severity === severity);
    if (own.length === 0) continue;
    parts.push("", `### ${severity} (${own.length})`, "", "| | what | name | finding |", "|---|---|---|---|");
    for (const { kind, subject, message } of own) {
      parts.push(`| ${kind} | ${subject.kind} | ${cell(subject.name)} | ${cell(message)} |`);
    }
  }
  if (notLooked.length > 0) {
    parts.push("", "### could not be looked at", "", ...notLookedLines(notLooked).map((line) => `- ${code(line)}`));
  }
  if (unusedIgnores.length > 0) {
    const lines = unusedIgnores.map(({ kind, name, place }) => `- ${code(`${place}: ${kind} ${name}`)}`);
    parts.push("", "### entries of the ignore file that are not needed", "", ...lines);
  }
  return `${parts.join("\n")}\n`;
}
