import { visible } from "../../config/visible.ts";
import { SEVERITIES } from "../finding.ts";
import type { ScanReport } from "./report.ts";
import { notLookedLines, summary } from "./text.ts";

/** Cells of a table that name a document are cut here, in characters. */
const LONGEST = 300;

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

/** As `code`, for a table, where a pipe ends a cell even in a span, and a backslash before it takes its escape away. */
function cell(text: string): string {
  return code(text)
    .replaceAll(/\\+(?=\|)/g, (run) => "\u2216".repeat(run.length))
    .replaceAll("|", "\\|");
}

/**
 * Text as an inert code span: no HTML, mention or link comes to life in it. A fence longer than any run of backticks
 * inside can't be closed from within.
 */
function code(text: string): string {
  const characters = [...visible(text.replaceAll(/[\n\r\t]+/g, " "))];
  const line = characters.length > LONGEST ? `${characters.slice(0, LONGEST).join("")}...` : characters.join("");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = longest > 0 || line.trim() === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}
