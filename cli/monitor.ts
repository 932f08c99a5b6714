import { Command, InvalidArgumentError, Option } from "commander";
import { metricsText } from "../monitor/metrics.ts";
import { ownRoot } from "./checkout.ts";
import { EXIT } from "./ending/exit.ts";
import { untilInterrupted } from "./ending/signals.ts";
import { KeptRuns } from "./monitor/kept.ts";
import { watchOn } from "./monitor/loop.ts";
import { type MetricsServer, serveMetrics } from "./monitor/metrics-server.ts";
import { PrometheusTarget } from "./monitor/prometheus-target.ts";
import { localAlertmanager, receiversOf } from "./monitor/receivers.ts";
import { ResultsFile, resultLine } from "./monitor/results.ts";
import { Watcher } from "./monitor/round.ts";
import { historyPlace } from "./target/history-place.ts";
import { addLookOptions } from "./target/look-options.ts";
import { lookTarget } from "./target/look-target.ts";
import { isOwnServer } from "./target/own-server.ts";
import { askedOf, SOURCE_VARIABLES_HELP, withSource } from "./target/source-variables.ts";
import { durationOption } from "./terminal/duration-option.ts";
import { print, printExact, tell } from "./terminal/print.ts";

interface MonitorOptions {
  readonly stage: string;
  /** Seconds. */
  readonly interval?: number;
  readonly duration?: number;
  readonly once?: boolean;
  readonly format: "text" | "json";
  readonly output?: string;
  readonly identities: boolean;
  readonly metricsPort?: number;
  readonly metricsHost: string;
  readonly alertmanager?: string;
  readonly alerts?: string;
  readonly server?: string;
  readonly caFile?: string;
  readonly quiet?: boolean;
}

const HELP = `
Looks at the server as verify does, again and again, keeps each run in the history, and tells people by the rules of
"alerting" in the platform files: once when something begins, again after alerting.monitor.repeat_hours, once when it
is over. Who is told: the receivers of bucketworks:alerts of the stack, or those of --alerts. Through Alertmanager where
one runs, else directly. docs/monitor.md says more.

The history is .bucketworks/history/STAGE.sqlite, or what BUCKETWORKS_HISTORY says: a file, or
postgresql://USER@HOST/DATABASE. Two monitors that share one don't tell twice.

${SOURCE_VARIABLES_HELP} VALIDATION_INTERVAL is the interval, in seconds.

Examples:
  $ bucketworks monitor --interval 5m --metrics-port 9109
  $ bucketworks monitor --duration 60m --output monitoring_results.json
  $ bucketworks monitor --once --format json | jq .overall_health_score

Exit codes: 0 every run found all right, 1 one of them didn't, or the specs have faults, 2 wrong use, 3 the last one could
look at nothing; ended by a signal: 130 Ctrl-C, 143 SIGTERM`;

/** Seconds from one run to the next: the source's own. */
const INTERVAL = 300;

/** `bucketworks monitor [FILE...]`: looks again and again. */
export function monitorCommand(): Command {
  return addLookOptions(
    new Command("monitor")
      .description("look at the server again and again, keep what was found, and tell people")
      .argument("[FILE...]", "platform files (default: the platforms of the stack)"),
  )
    .option("--interval <duration>", `from one run to the next (default: ${INTERVAL / 60}m)`, durationOption)
    .option("--duration <duration>", "begin no run after this time (default: never end)", durationOption)
    .option("--once", "one run, as a scheduled job does it")
    .addOption(
      new Option("--format <format>", "form of the output; json is an object a line")
        .choices(["text", "json"])
        .default("text"),
    )
    .option("--output <file>", "write all runs there, as JSON, after each of them")
    .option("--no-identities", "buckets only: needs no stack")
    .option("--metrics-port <port>", "serve /metrics and /health there", portOption)
    .option("--metrics-host <host>", "address of --metrics-port", "127.0.0.1")
    .addOption(
      new Option(
        "--alertmanager <url>",
        "tell this one (default: for the local server that of bucketworks services, while it runs)",
      ).env("BUCKETWORKS_ALERTMANAGER"),
    )
    .addOption(
      new Option("--alerts <file>", "JSON of what bucketworks:alerts holds, instead of the stack's").env(
        "BUCKETWORKS_ALERTS_FILE",
      ),
    )
    .option("-q, --quiet", "no lines of runs that found all right")
    .addHelpText("after", HELP)
    .action(monitor);
}

async function monitor(given: string[], options: MonitorOptions, command: Command): Promise<void> {
  const { identities, metricsPort, metricsHost, once, format, output, server } = options;
  const { files, stage, quiet, source } = askedOf(command, { ...options, files: given }, process.env);
  const target = withSource(lookTarget("monitor", files, { ...options, stage }), source);
  const interval = options.interval ?? source.interval ?? INTERVAL;
  const root = ownRoot();
  const stack = { root, env: process.env, name: stage };
  const known = target.model.platforms.map(({ name }) => name);
  const alerts = await receiversOf(options.alerts, server === undefined ? stack : undefined, known);
  const results = output === undefined ? undefined : new ResultsFile(output);
  let historyFailures = 0;
  const complain = (sentence: string) => tell(`monitor: ${sentence}`);
  const { openHistory } = await import("../history/open-history.ts");
  const history = await openHistory(historyPlace(stage, process.env), complain);
  const kept = new KeptRuns(history, (sentence) => {
    historyFailures++;
    complain(sentence);
  });
  // That of the checkout knows the receivers of its own server's stage, and nobody else's.
  const isLocal = options.alertmanager === undefined && isOwnServer(target.server, root);
  const alertmanager = async () => (isLocal ? localAlertmanager(root) : options.alertmanager);
  const watcher = new Watcher({
    ...{ target, stack, identities, alerts, alertmanager, kept, interval, complain },
    somePlatforms: files.length > 0,
  });
  const began = Date.now();
  const served =
    metricsPort === undefined
      ? undefined
      : await serveMetrics(metricsHost, metricsPort, {
          metrics: () => metricsText({ ...watcher.state, historyFailures, interval }),
          complaint: () => hung(watcher, began, interval),
        });
  const prometheus = announcer(served, server === undefined ? root : undefined);
  if (served !== undefined && !quiet) tell(`monitor: metrics at http://${served.at}/metrics`);
  let wasWrong = false;
  try {
    const pace = { interval, duration: once ? 0 : options.duration };
    await untilInterrupted((stop) =>
      watchOn(watcher, pace, stop, ({ report, result }) => {
        const isRight = result.unhealthy_buckets === 0 && report.findings.length === 0;
        wasWrong ||= !isRight;
        results?.add(result);
        if (format === "json") printExact(JSON.stringify({ schemaVersion: 1, ...result }));
        else if (!quiet || !isRight) print(resultLine(result));
        prometheus?.announce();
        process.exitCode = result.not_looked !== null ? EXIT.couldNotLook : wasWrong ? EXIT.findings : EXIT.right;
      }),
    );
  } finally {
    prometheus?.withdraw();
    served?.close();
    await kept.close();
  }
}

function announcer(served: MetricsServer | undefined, root: string | undefined): PrometheusTarget | undefined {
  if (served === undefined || root === undefined) return undefined;
  const target = new PrometheusTarget(root, served.at);
  target.announce();
  return target;
}

/** A run that doesn't end is the monitor's own fault: a platform's are alerts. */
function hung(watcher: Watcher, began: number, interval: number): string | undefined {
  const { last } = watcher.state;
  const ended = last === undefined ? began : Date.parse(last.report.generated_at) + last.report.duration_seconds * 1000;
  const silent = Math.round((Date.now() - ended) / 1000);
  return silent > 3 * interval + 600 ? `no run has ended for ${silent} s` : undefined;
}

function portOption(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("must be a port, 0 to 65535; 0 is any that is free.");
}
