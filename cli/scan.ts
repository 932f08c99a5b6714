import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { expectedRequests } from "../builders/services/server-requests.ts";
import type { DeclaredConfiguration } from "../config/minio-server/configuration.ts";
import { plainJson } from "../config/text/json.ts";
import { expiryLines } from "../live/bucket-words.ts";
import type { ServerAddress } from "../live/server-address.ts";
import type { ScanReport } from "../scan/report/report.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { EXIT } from "./ending/exit.ts";
import { requestLog } from "./local/minio/request-log.ts";
import { readText } from "./local/private-files.ts";
import { IGNORE_FILE, ignoreEntries, releasedBuckets } from "./scan/accepted.ts";
import { readStackFile } from "./stack-file.ts";
import { stageOption } from "./target/specs.ts";
import { loadTarget } from "./target/target.ts";
import { print, printExact, printJson } from "./terminal/print.ts";
import { countLine } from "./terminal/progress.ts";

type Format = "text" | "json" | "sarif" | "markdown";

interface ScanCommandOptions {
  readonly stage: string;
  readonly format: Format;
  readonly concurrency: number;
  readonly ignore?: string;
  readonly quiet?: boolean;
  readonly serverConfig?: boolean;
}

const HELP = `
Lists what the server holds and compares it with the specs: buckets and their settings, public grants, users, groups,
policies, attachments, memberships, service accounts, tiers, replication, batch jobs, and the server's own configuration.
Finds what is changed, missing, or on the server and in no spec. Writes nothing, needs no stack and no state. Rights:
docs/scanner-policy.json. What can't be read is listed separately, and the exit code is 3.

The right to read the server's configuration is the right to change it, so that policy leaves it out: without it, the
last line says that it wasn't looked at. With --server-config, or where bucketworks:server.config says what it shall be,
that is exit code 3. docs/drift.md says more.
Lifecycle rules are compared, not their effect: MinIO deletes expired objects in the background, some time after they expired.

Accepted findings are listed in ${IGNORE_FILE}, each with owner, reason and the day it expires, 366 days ahead at most.
A name may end in *, but for what is critical: what anyone may do is left out by its exact name alone.

  ignore:
    - {kind: bucket, name: "scratch-*", owner: data team, reason: tests by hand, expires: 2027-01-31}

Server and credentials are the stack's, found as by verify (bucketworks verify --help), whose --server and BUCKETWORKS_SERVER are none of scan's.

Examples:
  $ bucketworks scan
  $ bucketworks scan --stage production --format json | jq '.findings[] | select(.severity == "critical")'
  $ bucketworks scan --stage production --format sarif >scan.sarif
  $ bucketworks scan --stage production --server-config      # as root

Exit codes: 0 the server is as the specs say, 1 it isn't, or the specs have faults, 2 wrong use, 3 could not look,
or not at all of it`;

/** `bucketworks scan [FILE...]`: all that the server holds against the model. */
export function scanCommand(): Command {
  return new Command("scan")
    .description("find what on the server is changed, missing or in no spec")
    .argument("[FILE...]", "platform files (default: the platforms of the stack)")
    .addOption(new Option("--stage <stage>", "the stack to look at").argParser(stageOption).default("dev"))
    .addOption(
      new Option("--format <format>", "form of the output")
        .choices(["text", "json", "sarif", "markdown"])
        .default("text"),
    )
    .addOption(new Option("--concurrency <number>", "requests at the same time").argParser(concurrency).default(16))
    .option("--ignore <file>", `findings to leave out (default: ${IGNORE_FILE}, where there is one)`)
    .option("--server-config", "have the server's configuration looked at: refused is exit code 3")
    .option("-q, --quiet", "findings only, no summary and no progress")
    .addHelpText("after", HELP)
    .action(scan);
}

async function scan(files: string[], options: ScanCommandOptions) {
  const { stage, format, concurrency, ignore, quiet = false, serverConfig = false } = options;
  const ignores = ignoreEntries(ignore);
  const { model, server } = loadTarget({ stage, files, env: process.env });
  const { configuration, tiers, remotes } = readStackFile(ownRoot(), stage);
  const { expected, isDeclared } = configuration;
  const progress = countLine("looking at the server", quiet);
  // its clients take a while to load: only this command pays for it
  const { scanServer } = await import("../scan/scan.ts");
  const report = await scanServer(model, server, {
    ...{ ignores, concurrency, released: releasedBuckets(server) },
    configuration: { ...expected, ...requestsExpectedOf(server) },
    ...{ tiers, remotes },
    mustReadConfiguration: serverConfig || isDeclared,
    ...progress,
  });
  process.exitCode = exitCode(report);
  await show(report, { stage, format, quiet, notes: expiryLines(model) });
}

/** The local server tells our own logs of its requests, where a platform asks for that. */
function requestsExpectedOf({ endpoint }: Pick<ServerAddress, "endpoint">): DeclaredConfiguration {
  const checkout = checkoutAt(ownRoot());
  const log = endpoint === readText(checkout.minio.endpoint) ? requestLog(checkout) : undefined;
  return log === undefined ? {} : expectedRequests(log.address);
}

function exitCode({ findings, notLooked }: ScanReport): number {
  if (notLooked.length > 0) return EXIT.couldNotLook;
  return findings.length > 0 ? EXIT.findings : EXIT.right;
}

async function show(
  report: ScanReport,
  { stage, format, quiet = false, notes }: Pick<ScanCommandOptions, "stage" | "format" | "quiet"> & { notes: string[] },
): Promise<void> {
  switch (format) {
    case "json":
      return printJson(report);
    case "sarif": {
      const { sarifReport } = await import("../scan/report/sarif.ts");
      const { version } = JSON.parse(readFileSync(join(ownRoot(), "package.json"), "utf8"));
      return printExact(plainJson(sarifReport(report, version, readStackFile(ownRoot(), stage).platformsDir)));
    }
    case "markdown": {
      const { markdownReport } = await import("../scan/report/markdown.ts");
      return print(markdownReport(report));
    }
    case "text": {
      const { printText } = await import("./scan/print-text.ts");
      return printText(report, quiet, notes);
    }
  }
}

function concurrency(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 64) return number;
  throw new InvalidArgumentError("must be a whole number from 1 to 64.");
}
