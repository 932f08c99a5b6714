import { plainText } from "../config/text/plain.ts";
import type { KnownAlert } from "../history/history.ts";

/** Where somebody reads what to do. */
const runbookOf = ({ name }: KnownAlert) => `docs/monitoring.md#${name.toLowerCase()}`;
const statusOf = ({ ended }: KnownAlert) => (ended === null ? "firing" : "resolved");

/** The title that Alertmanager's messages have, too. */
export function titleOf(alert: KnownAlert): string {
  return plainText(`${statusOf(alert).toUpperCase()} ${alert.platform}: ${alert.name}`);
}

/** The text of an e-mail. */
export function textOf(alert: KnownAlert): string {
  const over = alert.ended === null ? "" : `\nover since ${alert.ended}`;
  return `${statusOf(alert)}: ${plainText(alert.summary)}\nseverity ${alert.severity}, since ${alert.since}${over}\n${runbookOf(alert)}\n`;
}

/** For an incoming webhook of Slack, or of what takes the same. @see https://api.slack.com/messaging/webhooks */
export function slackMessage(alert: KnownAlert, channel: string | undefined): object {
  const text = `*${titleOf(alert)}*\n${textOf(alert)}`.replace(/[&<>]/g, (each) => SLACK[each] ?? each);
  return { ...(channel !== undefined && { channel }), text };
}

const SLACK: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** The shape in which Alertmanager tells a webhook. @see https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
export function webhookMessage(alert: KnownAlert, receiver: string): object {
  const status = statusOf(alert);
  const labels = labelsOf(alert);
  const annotations = { summary: alert.summary, runbook: runbookOf(alert) };
  const { alertname, platform } = labels;
  return {
    version: "4",
    groupKey: `{}:{alertname="${alertname}", platform="${platform}"}`,
    truncatedAlerts: 0,
    status,
    receiver,
    groupLabels: { alertname, platform },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: "",
    alerts: [{ status, labels, annotations, startsAt: alert.since, endsAt: alert.ended ?? NEVER, generatorURL: "" }],
  };
}

/** Alertmanager's word for an end that isn't known. */
const NEVER = "0001-01-01T00:00:00Z";

/**
 * An alert as Alertmanager takes it.
 * @param until by when it is told again; without that it is over for Alertmanager
 * @see https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
export function alertmanagerAlert(alert: KnownAlert, until: Date): object {
  return {
    labels: labelsOf(alert),
    annotations: { summary: alert.summary, runbook: runbookOf(alert) },
    startsAt: alert.since,
    endsAt: alert.ended ?? until.toISOString(),
  };
}

function labelsOf({
  name,
  severity,
  platform,
}: KnownAlert): Record<"alertname" | "severity" | "platform" | "source", string> {
  return { alertname: name, severity, platform, source: "bucketworks-monitor" };
}
