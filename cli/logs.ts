import { Command, InvalidArgumentError, Option } from "commander";
import { daysIn, secondsIn } from "../config/values/duration.ts";
import { type Checkout, checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { untilInterrupted } from "./ending/signals.ts";
import { auditCommand } from "./logs/audit.ts";
import { foundLine, queryFault } from "./logs/found-line.ts";
import { readerLogin } from "./logs/reader-login.ts";
import { type Found, follow, type Search, search } from "./logs/search.ts";
import { StoreFault, type StoreLogin } from "./logs/store.ts";
import { print, printExact, printJson, tell } from "./terminal/print.ts";

const HELP = `
Searches the logs of all programs of this checkout: servers, services, data programs. The store of logs keeps them, which make
services starts where a platform asks for services.logs. For the end of one log file as it is, also while the store doesn't run:
bucketworks services logs NAME.

A query is LogsQL: words that a line must have, field:value, quotes, and, or, not; | begins what is done with the lines.
Fields: level, service, platform, correlation_id, and what a line tells besides.

Examples:
  $ bucketworks logs --query error --since 1h
  $ bucketworks logs --query 'level:error | stats by (service) count() lines' --since 7d
  $ bucketworks logs --correlation 20261130060000-ab12cd
  $ bucketworks logs --service mlflow --follow
  $ bucketworks logs --stack production --query error

Exit codes: 0 shown (also when no line matches), 2 wrong use (a query that can't be read), 3 the store can't be asked`;

interface Options {
  readonly query: string;
  readonly since: Since;
  readonly service?: string;
  readonly correlation?: string;
  readonly follow?: boolean;
  readonly limit: number;
  readonly stack?: string;
  readonly format: "text" | "json";
}

/** `bucketworks logs`: searches the store of logs. */
export function logsCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return (
    new Command("logs")
      .description("search the logs of all programs (services logs NAME shows one log file)")
      .option("--query <logsql>", "what lines must have", "*")
      .addOption(
        new Option("--since <duration>", "how far back, like 30m, 1h or 7d")
          .argParser(since)
          .default(since("1h"), "1h"),
      )
      .option("--service <name>", "lines of this program alone")
      .option("--correlation <id>", "lines of this run or request alone")
      .option("-s, --stack <name>", "of a stack that runs on Kubernetes, in place of this checkout's")
      .option("-f, --follow", "go on with what is added, until Ctrl-C")
      .option("-n, --limit <count>", "how many of the newest lines", count, 1000)
      .addOption(new Option("--format <format>", "form of the answer").choices(["text", "json"]).default("text"))
      .addHelpText("after", HELP)
      // What follows `audit` is audit's.
      .enablePositionalOptions()
      .addCommand(auditCommand(checkout))
      .action((options: Options) => showLogs(checkout, options))
  );
}

async function showLogs(checkout: Checkout, options: Options): Promise<void> {
  const { stack } = options;
  if (stack === undefined) return find(readerLogin(checkout), options, "run make services");
  const { withClusterLogs } = await import("./logs/cluster-logs.ts");
  const fix = `see bucketworks:services of the stack ${stack} (docs/services-on-kubernetes.md#logs)`;
  return withClusterLogs(checkout.root, stack, (login) => find(login, options, fix));
}

async function find(login: StoreLogin, options: Options, fix: string): Promise<void> {
  const { query, since, service, correlation, limit, format } = options;
  const asked: Search = { query, sinceSeconds: since.seconds, service, correlation };
  try {
    if (options.follow) {
      await untilInterrupted(async (stop) => {
        for await (const line of follow(login, asked, stop)) show(line, format);
      });
      throw new StoreFault(`the store of logs at ${login.address} ended`);
    }
    const lines = await untilInterrupted((stop) => search(login, asked, limit, stop));
    if (format === "json") printJson({ schemaVersion: 1, query, since: since.text, lines });
    else for (const line of lines) show(line, format);
    if (lines.length === 0) tell(`no line of the last ${since.text} matches`);
    if (lines.length === limit) tell(`the newest ${limit} lines; --limit shows more`);
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    if (error.status === 400) throw new CommandError(queryFault(query, error.message), EXIT.wrongUse);
    throw new CommandError(`logs: ${error.message}; ${fix}`, EXIT.couldNotLook);
  }
}

function show(line: Found, format: Options["format"]): void {
  if (format === "json") printExact(JSON.stringify(line));
  else print(foundLine(line));
}

interface Since {
  readonly text: string;
  readonly seconds: number;
}

function since(text: string): Since {
  const days = /^[1-9]\d*d$/.test(text) ? daysIn(text) : null;
  const seconds = days === null ? secondsIn(text) : days * 86_400;
  if (seconds === null) throw new InvalidArgumentError("must be a whole number with s, m, h or d, like 1h.");
  return { text, seconds };
}

function count(given: string): number {
  if (/^[1-9]\d*$/.test(given)) return Number(given);
  throw new InvalidArgumentError("must be a whole number from 1 on.");
}
