import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { accountPolicySizes } from "../builders/account-policy-size.ts";
import { knownTargets } from "../config/rules/notifications.ts";
import { declaredBackupTargets, declaredRemotes } from "../config/rules/remotes.ts";
import type { DocumentRule } from "../config/rules/rule.ts";
import { checkSpecs, formatIssue, type SpecReport } from "../config/spec.ts";
import { type PlacedFinding, placedFindingText, policyFindings } from "./check/policies.ts";
import { ownRoot } from "./checkout.ts";
import { EXIT } from "./ending/exit.ts";
import { type SpecSettings, specSettings } from "./stack-file.ts";
import {
  platformsDirOf,
  refuseUnreadable,
  specFiles,
  stageOption,
  warnOfIdleOverlays,
  warnOfUnknownStage,
} from "./target/specs.ts";
import { printMarked, printVerdict } from "./terminal/colour.ts";
import { counted, printJson } from "./terminal/print.ts";

interface CheckOptions {
  readonly stage?: string;
  readonly stack?: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
The files are judged as one stack's, each as written and with every overlay merged. Without --stage the
rules of a stage are not applied, and the files are those of stack dev. An overlay of a stage that no stack has is named. With it minio_config is judged as if the stack gave no endpoint and no
credentials of its own, and files without a fault are judged by the policies in policy/, as far as a spec
alone can break them; policy/stages/STAGE.json says which of them are mandatory (docs/policies.md).

Examples:
  $ bucketworks check
  $ bucketworks check my-platform.yaml --stage production
  $ bucketworks check --format json | jq -r '.issues[].code'

Exit codes: 0 no fault and no mandatory policy broken, 1 faults, 2 wrong use (an unknown option, a file that can't be read)`;

/** `bucketworks check [FILE...]`: the specs alone, no network, no credentials. */
export function checkCommand(): Command {
  return new Command("check")
    .description("judge platform files: every fault at once, with its place and its likely fix")
    .argument("[FILE...]", "platform files (default: those of the stack, bucketworks:platformsDir)")
    .addOption(new Option("--stage <stage>", "add the rules of this stage").argParser(stageOption))
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("--quiet", "print faults only, no summary")
    .addHelpText("after", HELP)
    .action(check);
}

function check(files: string[], options: CheckOptions): void {
  const stage = options.stage ?? null;
  const stacks = specSettings(ownRoot());
  const from = specFiles(files, platformsDirOf(stacks, options.stack ?? options.stage));
  const report = checkSpecs({
    ...from,
    stage,
    env: process.env,
    rules: [accountPolicySizes, ...targetRules(stacks, options)],
  });
  refuseUnreadable(report.issues);
  if (stage !== null)
    warnOfUnknownStage(
      stage,
      report.overlays.map((overlay) => overlay.stage),
      stacks,
    );
  // The image of workloads is no project: of all stacks it has the settings of one, or of none.
  if (existsSync(join(ownRoot(), "Pulumi.yaml"))) warnOfIdleOverlays(report.overlays, stacks);
  const findings = report.model === null ? [] : policyFindings(report.model, report.placeOf);
  const stops = report.issues.length > 0 || findings.some(({ level }) => level === "mandatory");
  process.exitCode = stops ? EXIT.findings : EXIT.right;
  if (options.format === "json") {
    const { files, buckets, issues } = report;
    printJson({ schemaVersion: 1, stage, files, buckets, issues, findings });
  } else printText(report, findings, options.quiet ?? false);
}

/** Of a stage that is asked for, what its stack says that its server has, and which other servers. */
function targetRules(stacks: readonly SpecSettings[], { stage, stack }: CheckOptions): DocumentRule[] {
  const found = stacks.find((each) => each.stack === (stack ?? stage)) ?? stacks.find((each) => each.stage === stage);
  if (stage === undefined || found === undefined) return [];
  return [
    ...knownTargets({ ...found, stage }),
    declaredRemotes(stage, found.remotes, found.endpoint),
    declaredBackupTargets(stage, found.backupTargets, found.endpoint),
  ];
}

function printText(report: SpecReport, findings: readonly PlacedFinding[], quiet: boolean): void {
  for (const issue of report.issues) printMarked(formatIssue(issue), "wrong");
  for (const finding of findings) {
    printMarked(placedFindingText(finding), finding.level === "mandatory" ? "wrong" : "unknown");
  }
  if (quiet) return;
  const isWrong = report.issues.length > 0 || findings.some(({ level }) => level === "mandatory");
  printVerdict(summary(report, findings.length), isWrong ? "wrong" : findings.length > 0 ? "unknown" : "right");
}

function summary({ files, buckets, issues }: SpecReport, findings: number): string {
  const all = `${counted(files.length, "file")}, ${counted(buckets, "bucket")}`;
  if (issues.length > 0) {
    const faulty = new Set(issues.map(({ file }) => file)).size;
    return `${counted(issues.length, "fault")} in ${counted(faulty, "file")}`;
  }
  return `${all}: ${findings === 0 ? "right" : counted(findings, "finding")}`;
}
