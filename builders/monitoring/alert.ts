import type { Platform } from "../../config/model.ts";

/** The server that alerts look at, as Prometheus's operator labels what it scrapes. */
export interface WatchedServer {
  readonly namespace: string;
  /** Name of the Service that clients use. */
  readonly service: string;
  /** By which the operator chooses its objects. */
  readonly monitoringLabels: Readonly<Record<string, string>>;
}

/** What alerts of one platform are made from. */
export interface Watched {
  readonly platform: Platform;
  readonly server: WatchedServer;
}

/** A rule as Prometheus reads it. @see https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  /** How long the expression holds before the alert fires: `10m`. */
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** `critical` is for now, whatever the hour; `warning` for the next working day. */
export type AlertSeverity = "critical" | "warning";

/** One alert in words: sentences may use Prometheus's templates. */
export interface AlertInWords {
  readonly name: string;
  readonly expression: string;
  readonly seconds: number;
  readonly severity: AlertSeverity;
  readonly summary: string;
}

/** The whole alert; its runbook is the section of its name in docs/monitoring.md. */
export function alertOf(
  { name, expression, seconds, severity, summary }: AlertInWords,
  { platform }: Pick<Watched, "platform">,
): Alert {
  return {
    alert: name,
    expr: expression,
    for: durationText(seconds),
    labels: { severity, platform: platform.name },
    annotations: { summary, runbook: `docs/monitoring.md#${name.toLowerCase()}` },
  };
}

/** `5400` -> `1h30m`, as Prometheus writes durations. */
export function durationText(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const parts = [hours > 0 ? `${hours}h` : "", minutes > 0 ? `${minutes}m` : "", rest > 0 ? `${rest}s` : ""];
  return parts.join("") || "0s";
}

/** A metric of the server: `metric{namespace="n",job="s"}`. */
export function ofServer(metric: string, { server }: Watched): string {
  return `${metric}{namespace="${server.namespace}",job="${server.service}"}`;
}

/** A metric of the platform's buckets: names hold nothing that a regular expression would read otherwise but dots. */
export function ofBuckets(metric: string, { server, platform }: Watched): string {
  const names = platform.buckets.map(({ name }) => name.replaceAll(".", "[.]")).join("|");
  return `${metric}{namespace="${server.namespace}",job="${server.service}",bucket=~"${names}"}`;
}
