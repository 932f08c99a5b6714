import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { alertmanagerSettings } from "../../builders/services/alertmanager.ts";
import { startAlertmanager } from "../support/alertmanager.ts";
import { eventually } from "../support/local-checkout.ts";
import { freePort } from "../support/minio.ts";
import { temporaryFolder } from "../support/temporary-folders.ts";
import { makeCertificate } from "../support/tls.ts";
import { TlsReceiver } from "../support/tls-receiver.ts";

const stops: (() => void)[] = [];

afterAll(() => {
  for (const stop of stops) stop();
});

test("ML-021: Alertmanager itself tells Slack over https, with channel, title and words, what fires and when it is over; nobody whom it can't trust", async () => {
  const certificate = makeCertificate();
  const [slack, strange] = [await TlsReceiver.start(certificate), await TlsReceiver.start(certificate)];
  const alerts = (to: TlsReceiver) => ({
    receivers: { chat: { slack: `https://127.0.0.1:${to.port}/services/Canary-hook`, channel: "#storage" } },
  });
  const settings = { groupWaitSeconds: 1, groupIntervalSeconds: 1, repeatSeconds: 3600, port: 1 };
  const tell = async (to: TlsReceiver, env: NodeJS.ProcessEnv) => {
    const listen = await freePort();
    const own = startAlertmanager(
      join(temporaryFolder(), "alertmanager"),
      alertmanagerSettings(settings, { ...alerts(to) }),
      listen,
      env,
    );
    stops.push(() => own.kill());
    const url = `http://127.0.0.1:${listen}`;
    await eventually(async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok === true);
    const labels = { alertname: "BucketsUnhealthy", platform: "trial", severity: "warning" };
    const annotations = { summary: "1 bucket isn't as it should be.", runbook: "docs/monitoring.md#bucketsunhealthy" };
    const send = (endsAt: Date) =>
      fetch(`${url}/api/v2/alerts`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify([{ labels, annotations, endsAt: endsAt.toISOString() }]),
      });
    expect((await send(new Date(Date.now() + 3_600_000))).ok).toBe(true);
    return { url, end: () => send(new Date()), stop: () => own.kill() };
  };
  try {
    const distrusts = await tell(strange, {});
    const failed = /^alertmanager_notification_requests_failed_total\{integration="slack"\} [1-9]/m;
    await eventually(async () => failed.test(await (await fetch(`${distrusts.url}/metrics`)).text()));
    expect(strange.bodies).toEqual([]);
    distrusts.stop();
    const { end, stop } = await tell(slack, { SSL_CERT_FILE: certificate.caFile });
    await eventually(() => slack.bodies.length === 1);
    expect((await end()).ok).toBe(true);
    await eventually(() => slack.bodies.length === 2);
    const words = (status: string) =>
      `${status}: 1 bucket isn't as it should be. (docs/monitoring.md#bucketsunhealthy)\n`;
    const attachment = (status: string) => ({
      title: `${status.toUpperCase()} trial: BucketsUnhealthy`,
      text: words(status),
    });
    expect(slack.bodies).toMatchObject([
      { channel: "#storage", attachments: [attachment("firing")] },
      { channel: "#storage", attachments: [attachment("resolved")] },
    ]);
    stop();
  } finally {
    slack.stop();
    strange.stop();
    certificate.remove();
  }
});
