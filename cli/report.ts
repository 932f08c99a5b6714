import { Command, InvalidArgumentError, Option } from "commander";
import type { Report } from "../report/schema.ts";
import { SCORE_FORMULA } from "../report/score.ts";
import { ownRoot } from "./checkout.ts";
import { EXIT } from "./ending/exit.ts";
import { type Depth, MAX_OBJECTS } from "./report/depth.ts";
import { prepareReportFolder, writeReport } from "./report/write-report.ts";
import { lookTarget } from "./target/look-target.ts";
import { stageOption } from "./target/specs.ts";
import { print, printJson, tell } from "./terminal/print.ts";
import { countLine } from "./terminal/progress.ts";

interface ReportOptions {
  readonly stage: string;
  readonly format: "text" | "json";
  readonly depth: Depth;
  readonly identities: boolean;
  readonly maxObjects: number;
  readonly out?: string;
  readonly server?: string;
  readonly caFile?: string;
  readonly quiet?: boolean;
}

const HELP = `
Looks at every bucket and identity as verify does, and tells how healthy the platforms are.

Score. ${SCORE_FORMULA}.

Server and credentials are found as verify finds them (bucketworks verify --help). docs/reports.md says more, and
docs/report.schema.json what the JSON holds.

Examples:
  $ bucketworks report
  $ bucketworks report --out reports/
  $ bucketworks report --stage production --format json | jq .overall_health_score

Exit codes: 0 all is healthy, 1 it isn't, or the specs have faults, 2 wrong use, 3 could not look at every bucket, or the
report can't be written`;

/** `bucketworks report [FILE...]`: how healthy the platforms are. */
export function reportCommand(): Command {
  return new Command("report")
    .description("tell how healthy the platforms are, as text, JSON or a page")
    .argument("[FILE...]", "platform files (default: the platforms of the stack)")
    .addOption(
      new Option("--stage <stage>", "the stack to look at")
        .env("BUCKETWORKS_STAGE")
        .argParser(stageOption)
        .default("dev"),
    )
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .addOption(
      new Option("--depth <depth>", "health lists no object; usage does, for ages, prefixes and what expires")
        .choices(["health", "usage"])
        .default("usage"),
    )
    .addOption(
      new Option("--max-objects <number>", "list at most so many versions of a bucket, and 20 times that of all")
        .argParser(maxObjects)
        .default(MAX_OBJECTS),
    )
    .option("--out <dir>", "write report.json there")
    .option("--no-identities", "buckets only: needs no stack")
    .addOption(new Option("--server <url>", "another server than the stack's").env("BUCKETWORKS_SERVER"))
    .addOption(
      new Option("--ca-file <file>", "PEM file of the CA that signed its certificate").env("BUCKETWORKS_CA_FILE"),
    )
    .option("-q, --quiet", "no progress, and no summary beside files")
    .addHelpText("after", HELP)
    .action(report);
}

async function report(files: string[], options: ReportOptions): Promise<void> {
  const { format, depth, identities, maxObjects, out, quiet = false } = options;
  const target = lookTarget("report", files, options);
  if (out !== undefined) prepareReportFolder(out);
  // The clients take a while to load: only this command pays for them.
  const { collectReport } = await import("./report/collect.ts");
  const stack = { root: ownRoot(), env: process.env, name: options.stage };
  const found = await collectReport(target, {
    ...{ depth, stack, identities, maxObjects, somePlatforms: files.length > 0 },
    ...countLine("looking at buckets", quiet),
  });
  process.exitCode = exitCode(found);
  if (format === "json") printJson(found);
  else {
    const { reportText } = await import("../report/text.ts");
    for (const line of reportText(found)) print(line);
  }
  if (out === undefined) return;
  for (const file of writeReport(out, found)) if (!quiet) tell(`report: ${file}`);
}

function maxObjects(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError("must be a whole number from 1 on.");
}

function exitCode({ buckets, unhealthy_buckets: unhealthy, findings }: Report): number {
  if (buckets.some(({ status }) => status === "unknown")) return EXIT.couldNotLook;
  return unhealthy > 0 || findings.length > 0 ? EXIT.findings : EXIT.right;
}
