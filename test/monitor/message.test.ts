import { expect, test } from "vitest";
import type { KnownAlert } from "../../history/history.ts";
import { alertmanagerAlert, slackMessage, textOf, titleOf, webhookMessage } from "../../monitor/message.ts";
import { metricsText } from "../../monitor/metrics.ts";

const alert: KnownAlert = {
  name: "BucketsUnhealthy",
  severity: "warning",
  platform: "shop",
  summary: "orders <b>&\u202e isn't healthy",
  since: "2026-01-01T00:00:00.000Z",
  ended: null,
};
const over = { ...alert, ended: "2026-01-01T01:00:00.000Z" };

test("a message says what, how bad, since when and where to read on; hidden characters stand as escapes", () => {
  expect(titleOf(alert)).toBe("FIRING shop: BucketsUnhealthy");
  expect(textOf(alert)).toBe(
    "firing: orders <b>&\\u{202e} isn't healthy\nseverity warning, since 2026-01-01T00:00:00.000Z\ndocs/monitoring.md#bucketsunhealthy\n",
  );
  expect(textOf(over)).toContain("\nover since 2026-01-01T01:00:00.000Z\n");
  expect(titleOf(over)).toBe("RESOLVED shop: BucketsUnhealthy");
});

test("Slack gets its own escapes, and a channel where one is named", () => {
  expect(slackMessage(alert, "#ops")).toEqual({
    channel: "#ops",
    text: expect.stringContaining("*FIRING shop: BucketsUnhealthy*\nfiring: orders &lt;b&gt;&amp;"),
  });
  expect(slackMessage(alert, undefined)).not.toHaveProperty("channel");
});

test("a webhook gets what Alertmanager would send, and Alertmanager what Prometheus would", () => {
  expect(webhookMessage(over, "on-call")).toMatchObject({
    version: "4",
    status: "resolved",
    receiver: "on-call",
    groupLabels: { alertname: "BucketsUnhealthy", platform: "shop" },
    alerts: [{ status: "resolved", startsAt: over.since, endsAt: over.ended }],
  });
  const until = new Date("2026-01-01T00:10:00Z");
  expect(alertmanagerAlert(alert, until)).toMatchObject({
    labels: { alertname: "BucketsUnhealthy", severity: "warning", platform: "shop" },
    endsAt: "2026-01-01T00:10:00.000Z",
  });
  expect(alertmanagerAlert(over, until)).toMatchObject({ endsAt: over.ended });
});

test("before the first run the metrics tell of the monitor alone", () => {
  const state = {
    last: undefined,
    runs: 0,
    failed: 0,
    firing: [],
    sent: 0,
    sendFailures: 0,
    historyFailures: 0,
    interval: 300,
  };
  const text = metricsText(state);
  expect(text).toContain("# TYPE bucketworks_runs_total counter\nbucketworks_runs_total 0\n");
  expect(text).not.toContain("health_score");
});
