import type { ScanReport } from "../../scan/report/report.ts";
import { textReport } from "../../scan/report/text.ts";
import { type Meaning, printMarked, printVerdict } from "../terminal/colour.ts";
import { print } from "../terminal/print.ts";

/** Prints a scan for people, what endangers data in red. @param notes said before the summary */
export function printText(report: ScanReport, quiet: boolean, notes: readonly string[]): void {
  const { findings, notLooked } = report;
  const lines = textReport(report, quiet, notes);
  const verdict = quiet ? undefined : lines.pop();
  for (const [index, line] of lines.entries()) {
    const severity = findings[index]?.severity;
    if (severity !== undefined) printMarked(line, SEVERE.has(severity) ? "wrong" : "unknown");
    else if (line.startsWith("could not look at ")) printMarked(line, "unknown");
    else print(line);
  }
  const meaning: Meaning = findings.length > 0 ? "wrong" : notLooked.length > 0 ? "unknown" : "right";
  if (verdict !== undefined) printVerdict(verdict, meaning);
}

const SEVERE: ReadonlySet<string> = new Set(["critical", "high"]);
