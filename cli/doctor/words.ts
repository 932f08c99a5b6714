import { plainLines } from "../../config/text/plain.ts";
import { coloured, type Meaning } from "../terminal/colour.ts";
import { printExact } from "../terminal/print.ts";
import type { Finding, State } from "./finding.ts";

const MEANING: Readonly<Record<State, Meaning>> = {
  right: "right",
  wrong: "wrong",
  unknown: "unknown",
  skipped: "aside",
  note: "aside",
};
const INDENT = " ".repeat(9);

/** Prints a line a finding, what to do below it, and a summary. @param quiet only what is wrong or unknown */
export function printFindings(findings: readonly Finding[], quiet: boolean): void {
  const shown = quiet ? findings.filter(isTold) : findings;
  for (const { state, check, seen, cure, runbook } of shown) {
    const lines = [
      `${check}: ${seen}`,
      ...(cure === undefined ? [] : [`cure: ${cure}`]),
      ...(runbook === undefined ? [] : [`see ${runbook}`]),
    ];
    const text = lines.map((line) => plainLines(line).replaceAll("\n", `\n${INDENT}`)).join(`\n${INDENT}`);
    printExact(`${coloured(state.padEnd(7), MEANING[state])}  ${text}`);
  }
  if (!quiet) printExact(summary(findings));
}

function isTold({ state }: Pick<Finding, "state">): boolean {
  return state === "wrong" || state === "unknown";
}

export function summary(findings: readonly Finding[]): string {
  const count = (state: State): number => findings.filter((each) => each.state === state).length;
  const first = findings.find(({ state }) => state === "wrong");
  const counts = `${count("right")} right, ${count("wrong")} wrong, ${count("unknown")} not known, ${count("skipped")} skipped`;
  return first === undefined ? `doctor: ${counts}` : `doctor: ${counts}; begin with ${first.check}`;
}
