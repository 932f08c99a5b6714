import { Command, InvalidArgumentError, Option } from "commander";
import { nearest } from "../config/values/nearest.ts";
import type { Report } from "../report/schema.ts";
import { SCORE_FORMULA } from "../report/score.ts";
import type { ReportPlace } from "../verify/report-store.ts";
import { ownRoot } from "./checkout.ts";
import { CommandError, EXIT, type ExitCode } from "./ending/exit.ts";
import { type Depth, MAX_OBJECTS } from "./report/depth.ts";
import { prepareReportFolder, writeReport } from "./report/write-report.ts";
import { addLookOptions } from "./target/look-options.ts";
import { lookTarget } from "./target/look-target.ts";
import { placeOption } from "./target/place-option.ts";
import { askedOf, SOURCE_VARIABLES_HELP, withSource } from "./target/source-variables.ts";
import type { Target } from "./target/target.ts";
import { print, printExact, printJson, tell } from "./terminal/print.ts";
import { countLine } from "./terminal/progress.ts";

interface ReportOptions {
  readonly stage: string;
  readonly format: "text" | "json" | "html";
  readonly depth: Depth;
  readonly identities: boolean;
  readonly maxObjects: number;
  readonly price?: number;
  readonly bucket?: string;
  readonly out?: string;
  readonly store?: ReportPlace;
  readonly server?: string;
  readonly caFile?: string;
  readonly failOnUnhealthy?: boolean;
  readonly quiet?: boolean;
}

const HELP = `
Looks at every bucket and identity as verify does, and tells how healthy the platforms are, what they hold and how old it
is, what expires, what drifted, who may do what, and which alerts fire. Changes nothing. Each run is kept for the trend
(BUCKETWORKS_HISTORY; default: .bucketworks/history/STAGE.sqlite).

Score. ${SCORE_FORMULA}.

Server and credentials are found as verify finds them (bucketworks verify --help). docs/reports.md says more, and
docs/report.schema.json what the JSON holds. In --store, {date}, {week}, {month}, {period} and {timestamp} stand for the time in UTC.

${SOURCE_VARIABLES_HELP}

Examples:
  $ bucketworks report
  $ bucketworks report --out reports/
  $ bucketworks report --bucket 00-raw-usdcop-marketdata
  $ bucketworks report --stage production --format json | jq .overall_health_score
  $ bucketworks report --fail-on-unhealthy --out reports/
  $ bucketworks report --price 0.02 --store "99-common-trading-reports/type=monthly/month={month}/"

Exit codes: 0 the report is made, whatever it says, 1 the specs have faults, 2 wrong use, 3 no bucket could be looked at, or
the report can't be written. With --fail-on-unhealthy also 1 a bucket isn't healthy, or there are findings of identities, and
3 a bucket could not be looked at; drift and alerts change none. To judge a server, verify is the shorter way.`;

/** `bucketworks report [FILE...]`: how healthy the platforms are. */
export function reportCommand(): Command {
  return addLookOptions(
    new Command("report")
      .description("tell how healthy the platforms are, as text, JSON or a page")
      .argument("[FILE...]", "platform files (default: the platforms of the stack)"),
  )
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json", "html"]).default("text"))
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
    .addOption(new Option("--price <amount>", "of a GiB for a month: adds what keeping costs").argParser(price))
    .addOption(new Option("--bucket <name>", "show this bucket alone, and who may do what in it").conflicts("format"))
    .option("--out <dir>", "write report.json and report.html there")
    .addOption(new Option("--store <place>", "store both as BUCKET/PREFIX...").argParser(placeOption))
    .option("--no-identities", "try no identity's key: needs no stack")
    .option("--fail-on-unhealthy", "exit code 1 where the report has findings, 3 where a bucket could not be looked at")
    .option("-q, --quiet", "findings only, no summary and no progress")
    .addHelpText("after", HELP)
    .action(report);
}

async function report(given: string[], options: ReportOptions, command: Command): Promise<void> {
  const { depth, identities, maxObjects, price, out, store } = options;
  const { files, stage, quiet, source } = askedOf(command, { ...options, files: given }, process.env);
  const target = withSource(lookTarget("report", files, { ...options, stage }), source);
  refuseUnknownBucket(target, options.bucket);
  if (out !== undefined) prepareReportFolder(out);
  // The clients take a while to load: only this command pays for them.
  const { keptReport } = await import("./report/kept-report.ts");
  const stack = { root: ownRoot(), env: process.env, name: stage };
  const found = await keptReport(target, {
    ...{ depth, stack, identities, maxObjects, somePlatforms: files.length > 0 },
    ...countLine("looking at the server", quiet),
  });
  const { withCosts } = await import("../report/cost.ts");
  const whole = price === undefined ? found : withCosts(found, price);
  process.exitCode = exitCode(whole, options);
  await show(whole, { ...options, quiet });
  if (out !== undefined) for (const file of await writeReport(out, whole)) if (!quiet) tell(`report: ${file}`);
  if (store === undefined) return;
  const [{ storeFiles }, { reportFiles }] = await Promise.all([
    import("../verify/report-store.ts"),
    import("./report/files.ts"),
  ]);
  const moment = new Date(whole.generated_at);
  const uris = await storeFiles(await reportFiles(whole), store, target.server, moment);
  if (!quiet) for (const uri of uris) tell(`report: ${uri}`);
}

async function show(report: Report, { format, bucket: name, quiet = false }: ReportOptions): Promise<void> {
  if (format === "json") return printJson(report);
  if (format === "html") {
    const { reportPage } = await import("../report/page/page.ts");
    return printExact(reportPage(report));
  }
  const { bucketText, reportText } = await import("./report/text.ts");
  const bucket = report.buckets.find((each) => each.name === name);
  for (const line of bucket === undefined ? reportText(report, quiet) : bucketText(report, bucket)) print(line);
}

function refuseUnknownBucket({ model }: Target, name: string | undefined): void {
  const names = model.platforms.flatMap(({ buckets }) => buckets.map((bucket) => bucket.name));
  if (name === undefined || names.includes(name)) return;
  const near = nearest(name, names);
  const fix = near === null ? `there are ${names.slice(0, 10).join(", ") || "none"}` : `did you mean ${near}?`;
  throw new CommandError(`--bucket ${JSON.stringify(name)}: no platform has it; ${fix}`, EXIT.wrongUse);
}

function maxObjects(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError("must be a whole number from 1 on.");
}

function price(text: string): number {
  const amount = Number(text);
  if (text.trim() !== "" && Number.isFinite(amount) && amount >= 0) return amount;
  throw new InvalidArgumentError("must be a number like 0.02.");
}

/** Who asked for a report has it, whatever it says: a scheduled job that wrote one has not failed. */
function exitCode(report: Report, { failOnUnhealthy = false }: ReportOptions): ExitCode {
  const { buckets, unhealthy_buckets: unhealthy, findings } = report;
  const unknown = buckets.filter(({ status }) => status === "unknown").length;
  if (unknown > 0 && (failOnUnhealthy || unknown === buckets.length)) return EXIT.couldNotLook;
  return failOnUnhealthy && (unhealthy > 0 || findings.length > 0) ? EXIT.findings : EXIT.right;
}
