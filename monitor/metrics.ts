import type { Report } from "../report/schema.ts";

/** What a monitor knows of itself. */
export interface MonitorState {
  /** The last run; undefined before its end. */
  readonly last: { readonly report: Report; readonly reason: string | undefined } | undefined;
  readonly runs: number;
  /** Runs that could look at nothing. */
  readonly failed: number;
  readonly firing: readonly { readonly severity: string; readonly platform: string }[];
  readonly sent: number;
  readonly sendFailures: number;
  /** Times that the history couldn't be used. */
  readonly historyFailures: number;
  /** Seconds. */
  readonly interval: number;
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The text that Prometheus reads. @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function metricsText(state: MonitorState): string {
  const { last, firing } = state;
  const counters = [
    metric("runs_total", "counter", "Runs of the monitor.", [of(state.runs)]),
    metric("run_errors_total", "counter", "Runs that could look at nothing.", [of(state.failed)]),
    metric("notifications_total", "counter", "Messages that receivers took.", [of(state.sent)]),
    metric("notification_errors_total", "counter", "Messages that a receiver didn't take.", [of(state.sendFailures)]),
    metric("history_errors_total", "counter", "Times that the history couldn't be used.", [of(state.historyFailures)]),
    metric("interval_seconds", "gauge", "From one run to the next.", [of(state.interval)]),
  ];
  if (last === undefined) return counters.join("");
  const { report, reason } = last;
  const { stage, platforms, overall_health_score: score } = report;
  const overall = { stage };
  const each = (value: (platform: Report["platforms"][number]) => number | null) =>
    platforms.flatMap((platform) => {
      const number = value(platform);
      return number === null ? [] : [of(number, { stage, platform: platform.name })];
    });
  const severities = ["critical", "warning"].map((severity) =>
    of(firing.filter((alert) => alert.severity === severity).length, { severity }),
  );
  return [
    ...counters,
    metric("server_reachable", "gauge", "1 where the last run could look at the server.", [
      of(reason === undefined ? 1 : 0, overall),
    ]),
    metric(
      "health_score",
      "gauge",
      "Of all buckets, 0 to 100; absent where nothing could be looked at.",
      score === null ? [] : [of(score, overall)],
    ),
    metric(
      "platform_health_score",
      "gauge",
      "Of a platform's buckets, 0 to 100.",
      each((platform) => platform.health_score),
    ),
    metric(
      "buckets",
      "gauge",
      "Buckets of a platform.",
      each((platform) => platform.total_buckets),
    ),
    metric(
      "unhealthy_buckets",
      "gauge",
      "Buckets that differ from the file, or couldn't be looked at.",
      each((platform) => platform.unhealthy_buckets),
    ),
    metric("last_run_timestamp_seconds", "gauge", "When the last run began.", [
      of(Date.parse(report.generated_at) / 1000),
    ]),
    metric("run_duration_seconds", "gauge", "Of the last run.", [of(report.duration_seconds)]),
    metric("alerts_firing", "gauge", "Alerts that fire.", severities),
  ].join("");
}

function of(value: number, labels: Sample["labels"] = {}): Sample {
  return { labels, value };
}

function metric(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  const full = `bucketworks_${name}`;
  const lines = samples.map(({ labels, value }) => `${full}${labelText(labels)} ${value}\n`);
  return lines.length === 0 ? "" : `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}

function labelText(labels: Sample["labels"]): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, (each) => (each === "\n" ? "\\n" : `\\${each}`))}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
