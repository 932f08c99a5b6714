import { z } from "zod";
import { shownAddress } from "../../monitor/address.ts";
import { request } from "../../monitor/request.ts";
import type { Report } from "../../report/schema.ts";
import { checkoutAt } from "../checkout.ts";
import { isAlive } from "../ending/processes.ts";
import { HOST } from "../local/service/local-service.ts";
import { readRun } from "../local/service/record.ts";
import { localService } from "../local/services/local-service.ts";

/** Names another Alertmanager than that of the checkout. */
const VARIABLE = "BUCKETWORKS_ALERTMANAGER";
const DEADLINE_MS = 5_000;

/** What of an alert of Alertmanager's API (v2) is used. */
const Alerts = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
    startsAt: z.string(),
    status: z.object({ state: z.string() }),
  }),
);

/**
 * The URL of the Alertmanager that this stage's alerts go to; undefined where there is none.
 * @param isLocal whether the server is that of the checkout at `root`
 */
export function alertmanagerUrl(root: string, isLocal: boolean, env: NodeJS.ProcessEnv): string | undefined {
  if (env[VARIABLE]) return env[VARIABLE];
  const run = isLocal ? readRun(localService("alertmanager", checkoutAt(root))) : undefined;
  return run !== undefined && isAlive(run.server) ? `http://${HOST}:${run.ports.http}` : undefined;
}

/** Alerts that fire and aren't silenced, or why they aren't known. */
export async function firingAlerts(url: string | undefined): Promise<Report["alerts"]> {
  if (url === undefined) {
    return {
      reason: `no Alertmanager is known here; make services starts that of the platforms, ${VARIABLE} names another`,
    };
  }
  const alerting = new URL(
    "api/v2/alerts?active=true&silenced=false&inhibited=false",
    url.endsWith("/") ? url : `${url}/`,
  );
  const answer = await request(alerting.href, { patience: DEADLINE_MS }).catch((error: Error) => error.message);
  if (typeof answer === "string")
    return { reason: `can't reach Alertmanager at ${shownAddress(url)} (${answer}); is it running?` };
  const { status, text } = answer;
  if (status !== 200) return { reason: `Alertmanager at ${shownAddress(url)} answered ${status}` };
  const alerts = Alerts.safeParse(jsonOf(text));
  if (!alerts.success)
    return { reason: `${shownAddress(url)} answered, not as Alertmanager would; is it its address?` };
  return { entries: alerts.data.filter(({ status: { state } }) => state === "active").map(entryOf) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function entryOf({ labels, annotations, startsAt }: z.infer<typeof Alerts>[number]) {
  return {
    name: labels.alertname ?? "",
    severity: labels.severity ?? "none",
    platform: labels.platform ?? null,
    since: instant(startsAt),
    summary: annotations.summary ?? annotations.description ?? "",
  };
}

/** Alertmanager writes nanoseconds, and the zone of its machine. */
function instant(text: string): string {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
}
