import { setTimeout } from "node:timers/promises";
import { Command, Option } from "commander";
import { expiryLines } from "../live/bucket-words.ts";
import { ReadError } from "../live/read-error.ts";
import type { Verified } from "../report/parts.ts";
import type { ReportPlace } from "../verify/report-store.ts";
import { ownRoot } from "./checkout.ts";
import { EXIT } from "./ending/exit.ts";
import { prepareReportFolder, writeReport } from "./report/write-report.ts";
import { addLookOptions } from "./target/look-options.ts";
import { lookTarget } from "./target/look-target.ts";
import { placeOption } from "./target/place-option.ts";
import { askedOf, SOURCE_VARIABLES_HELP, withSource } from "./target/source-variables.ts";
import { durationOption } from "./terminal/duration-option.ts";
import { printJson, tell } from "./terminal/print.ts";
import { countLine } from "./terminal/progress.ts";
import { Answers } from "./verify/answers.ts";
import { lookAtStage } from "./verify/look.ts";
import { printText, unlookedAt, wrongOf } from "./verify/report.ts";

interface VerifyOptions {
  readonly stage: string;
  readonly format: "text" | "json";
  readonly identities: boolean;
  readonly server?: string;
  readonly caFile?: string;
  /** Seconds. */
  readonly wait: number;
  readonly store?: ReportPlace;
  /** Folder. */
  readonly report?: string;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

/** Between two tries of --wait. */
const PAUSE_MS = 2000;

const HELP = `
Reads every bucket of the stage from the live server, with a client that isn't the deploying one, and compares
it with the specs: versioning, tags, lifecycle, object lock, encryption, policy, quota. Then tries, with the key of
each user and service account, what it may do and what it may not: it begins uploads and aborts them, deletes names
that no object has, and leaves nothing behind. Last, it sends forged requests in the names of users who may
write, as vulnerable servers accept them (docs/servers.md). Their content is invalid on purpose, so that nothing is stored.
What can't be read or tried is listed separately, and the exit code is 3. Lifecycle rules are compared, not their effect: MinIO
deletes expired objects in the background, some time after they expired.

The server is the one of Pulumi.<stage>.yaml (bucketworks:endpoint, secure, caFile), else of MINIO_ENDPOINT, for dev
that of make up, else of minio_config. Credentials: MINIO_ROOT_USER and MINIO_ROOT_PASSWORD, or the files that
MINIO_ROOT_USER_FILE and MINIO_ROOT_PASSWORD_FILE name. Keys of identities come from the stack's outputs.

Inside a cluster there is no stack: --server names the server, and MINIO_ACCESS_KEY and MINIO_SECRET_KEY the key of
an identity with role inspect. Keys of other identities aren't at hand there, so it goes with --no-identities.

${SOURCE_VARIABLES_HELP}

Examples:
  $ bucketworks verify
  $ bucketworks verify --server http://minio-service:9000 --no-identities --wait 5m /app/config/minio-buckets.yaml
  $ bucketworks verify --stage production --format json | jq -r '.findings[].path'
  $ bucketworks verify --no-identities config/platforms/usdcop.yaml
  $ bucketworks verify --report reports/ --verbose

Exit codes: 0 the server is as the specs say, 1 it isn't, or the specs have faults, 2 wrong use, 3 could not look,
or not at all of it`;

/** `bucketworks verify [FILE...]`: the live server against the model. */
export function verifyCommand(): Command {
  return addLookOptions(
    new Command("verify")
      .description("compare the live server with the specs, and try what each identity may do")
      .argument("[FILE...]", "platform files (default: the platforms of the stack)"),
  )
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("--no-identities", "buckets only: needs no stack")
    .addOption(
      new Option("--wait <duration>", "retry until all is right and the report is stored, at most this long for each")
        .argParser(durationOption)
        .default(0, "one try"),
    )
    .addOption(
      new Option(
        "--store <place>",
        "store the report as BUCKET/PREFIX...json; {date}, {week}, {month}, {period} and {timestamp} stand for the time in UTC",
      ).argParser(placeOption),
    )
    .option("--report <dir>", "write report.json and report.html there, as bucketworks report does")
    .option("--verbose", "tell on standard error of each check, with its duration and the server's name of the request")
    .option("-q, --quiet", "findings only, no summary and no progress")
    .addHelpText("after", HELP)
    .action(verify);
}

async function verify(given: string[], options: VerifyOptions, command: Command): Promise<void> {
  const { format, wait, store, report: folder, verbose = false } = options;
  const { files, stage, quiet, source } = askedOf(command, { ...options, files: given }, process.env);
  const target = withSource(lookTarget("verify", files, { ...options, stage }), source);
  const { model, server } = target;
  const stack = { root: ownRoot(), env: process.env, name: stage };
  const { identities } = options;
  if (folder !== undefined) prepareReportFolder(folder);
  let answers = new Answers();
  const look = () => {
    answers = new Answers();
    const told = { onAnswer: answers.onAnswer, onPart: answers.onPart };
    return lookAtStage(target, { stack, identities, ...told, ...countLine("looking at buckets", quiet) });
  };
  const write = async (to: string, found?: Verified) => {
    const { keptReport } = await import("./report/kept-report.ts");
    const verified = found && { found, answers: answers.milliseconds() };
    const options = { depth: "usage", stack, identities, somePlatforms: files.length > 0 } as const;
    const whole = await keptReport(target, {
      ...{ ...options, ...(verified && { verified }) },
      ...countLine("looking at the server", quiet),
    });
    for (const file of await writeReport(to, whole)) if (!quiet) tell(`report: ${file}`);
  };
  const report = await inTime(wait, look, (report) => exitCode(report) === EXIT.right).catch(async (error) => {
    // Nothing could be looked at: the report says so.
    if (error instanceof ReadError && folder !== undefined) await write(folder);
    throw error;
  });
  process.exitCode = exitCode(report);
  // Findings are shown before they are stored: a store that refuses them takes none away.
  if (format === "json") printJson({ schemaVersion: 1, ...report });
  else printText(report, quiet, expiryLines(model));
  if (verbose) for (const line of answers.lines(report)) tell(line);
  if (folder !== undefined) await write(folder, report);
  if (store === undefined) return;
  const { storeReport } = await import("../verify/report-store.ts");
  const keep = () => storeReport({ schemaVersion: 1, ...report }, store, server, new Date());
  const uri = await inTime(wait, keep, () => true);
  if (!quiet) tell(`report: ${uri}`);
}

/** What isn't there yet, or not as it will be, is tried again; at the end of the time the last try counts. */
async function inTime<T>(seconds: number, attempt: () => Promise<T>, isDone: (result: T) => boolean): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const last = Date.now() + PAUSE_MS >= end;
    try {
      const result = await attempt();
      if (last || isDone(result)) return result;
    } catch (error) {
      if (last || !(error instanceof ReadError)) throw error;
    }
    await setTimeout(PAUSE_MS);
  }
}

function exitCode(report: Verified): number {
  if (unlookedAt(report) > 0) return EXIT.couldNotLook;
  return wrongOf(report) > 0 ? EXIT.findings : EXIT.right;
}
