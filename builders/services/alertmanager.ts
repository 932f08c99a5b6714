import type { Services } from "../../config/model.ts";
import type { Alerts, Receiver } from "../../config/stack/alerts.ts";
import { durationText } from "../monitoring/alert.ts";

/** Where an alert goes that no receiver asks for: Alertmanager's page shows it. No receiver of a stack can have this name. */
const NOBODY = "(nobody)";
const TITLE = "{{ .Status | toUpper }} {{ .GroupLabels.platform }}: {{ .GroupLabels.alertname }}";
const TEXT = "{{ range .Alerts }}{{ .Status }}: {{ .Annotations.summary }} ({{ .Annotations.runbook }})\n{{ end }}";

/**
 * `alertmanager.yml`; it holds secrets. Each receiver gets what it asks for, by severity and platform, and is told when it
 * is over. Alerts of one name and platform come in one message.
 * @see https://prometheus.io/docs/alerting/latest/configuration/
 */
export function alertmanagerSettings(
  settings: NonNullable<Services["alertmanager"]>,
  alerts: Alerts | undefined,
): object {
  const receivers = Object.entries(alerts?.receivers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    route: {
      receiver: NOBODY,
      group_by: ["platform", "alertname"],
      group_wait: durationText(settings.groupWaitSeconds),
      group_interval: durationText(settings.groupIntervalSeconds),
      repeat_interval: durationText(settings.repeatSeconds),
      routes: receivers.map(([name, receiver]) => ({ receiver: name, matchers: matchers(receiver), continue: true })),
    },
    // Drives and requests fail because the server is unhealthy: that is told, and needs telling once.
    inhibit_rules: [
      {
        source_matchers: ['alertname="ObjectStorageUnhealthy"'],
        target_matchers: ['alertname=~"ServersOffline|DrivesOffline|RequestsFail"'],
        equal: ["platform"],
      },
    ],
    receivers: [{ name: NOBODY }, ...receivers.map(([name, receiver]) => ({ name, ...channel(receiver, alerts) }))],
  };
}

function matchers({ severity, platforms }: Receiver): string[] {
  return [
    ...(severity === undefined ? [] : [`severity="${severity}"`]),
    ...(platforms === undefined
      ? []
      : [`platform=~"${platforms.map((name) => name.replaceAll(".", "[.]")).join("|")}"`]),
  ];
}

function channel({ webhook, slack, channel, email }: Receiver, alerts: Alerts | undefined): object {
  const sent = { send_resolved: true };
  if (webhook !== undefined) return { webhook_configs: [{ ...sent, url: webhook }] };
  if (slack !== undefined) {
    return {
      slack_configs: [{ ...sent, api_url: slack, ...(channel !== undefined && { channel }), title: TITLE, text: TEXT }],
    };
  }
  const { server, from, user, password, tls } = alerts?.smtp ?? { tls: true };
  return {
    email_configs: [
      {
        ...sent,
        to: email,
        from,
        smarthost: server,
        require_tls: tls,
        ...(user !== undefined && { auth_username: user, auth_password: password ?? "" }),
        headers: { Subject: TITLE },
        text: TEXT,
        html: "",
      },
    ],
  };
}
