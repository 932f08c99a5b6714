import type { Alerts, Receiver } from "../config/stack/alerts.ts";
import type { AlertBook, KnownAlert, Place } from "../history/history.ts";
import { shownAddress } from "./address.ts";
import { dueAt } from "./due.ts";
import { send, tellAlertmanager } from "./send.ts";

/** How long a receiver is told by one monitor before another may try, seconds: longer than anybody may take to answer. */
const CLAIM_SECONDS = 120;

export interface Told {
  /** Messages that were taken. */
  readonly sent: number;
  /** One sentence for each receiver that didn't take something; it is tried again. */
  readonly failures: readonly string[];
}

export interface Telling {
  readonly of: Place;
  readonly book: AlertBook;
  readonly alerts: Alerts | undefined;
  /** URL of an Alertmanager that tells the receivers; undefined where none runs. */
  readonly alertmanager: string | undefined;
  /** After which what fires is told again, seconds, by platform. */
  readonly repeat: (platform: string) => number;
  /** For how long Alertmanager takes what fires to fire on, seconds. */
  readonly lasts: number;
}

/** Under this name Alertmanager is a receiver; no receiver of a stack can have it. */
const ALERTMANAGER = "(alertmanager)";

/**
 * Tells everybody what they have to know by now: through Alertmanager where one answers, else each receiver itself. Whom
 * we told that it began we tell that it is over, also where Alertmanager is back by then.
 */
export async function tellAll(telling: Telling, now: Date = new Date()): Promise<Told> {
  const { alertmanager, alerts } = telling;
  const receivers = Object.entries(alerts?.receivers ?? {});
  const told: Told[] = [];
  const through = alertmanager === undefined ? undefined : await throughAlertmanager(telling, alertmanager, now);
  if (through !== undefined) told.push(through);
  const isDirect = through === undefined || through.failures.length > 0;
  for (const [name, receiver] of receivers) told.push(await directly(telling, { name, receiver, isDirect }, now));
  return { sent: sum(told.map(({ sent }) => sent)), failures: told.flatMap(({ failures }) => failures) };
}

/** All that fires, each time, as Prometheus does it: it is over for Alertmanager when nobody says so any more. */
async function throughAlertmanager(telling: Telling, url: string, now: Date): Promise<Told> {
  const { of, book, lasts } = telling;
  const until = new Date(now.getTime() + lasts * 1000);
  const claimed = await book.claim(
    of,
    ALERTMANAGER,
    dueAt(now, () => 0),
    claimEnd(now),
  );
  if (claimed.length === 0) return { sent: 0, failures: [] };
  const problem = await tellAlertmanager(url, claimed, until).then(() => undefined, messageOf);
  for (const alert of claimed) await book.settle(of, ALERTMANAGER, alert, problem === undefined, now.toISOString());
  if (problem === undefined) return { sent: claimed.length, failures: [] };
  return { sent: 0, failures: [`Alertmanager at ${shownAddress(url)} ${problem}; receivers are told directly`] };
}

interface Direct {
  readonly name: string;
  readonly receiver: Receiver;
  /** False where Alertmanager tells of what begins: then only what was begun directly is ended. */
  readonly isDirect: boolean;
}

async function directly(telling: Telling, { name, receiver, isDirect }: Direct, now: Date): Promise<Told> {
  const { of, book, alerts, repeat } = telling;
  const due = dueAt(now, repeat);
  const claimed = await book.claim(
    of,
    name,
    (alert, notice) =>
      wants(receiver, alert) &&
      (isDirect || (alert.ended !== null && notice?.since === alert.since && notice.status === "firing")) &&
      due(alert, notice),
    claimEnd(now),
  );
  const failures: string[] = [];
  let sent = 0;
  for (const alert of claimed) {
    // One that is away isn't waited for again and again.
    const problem =
      failures.length > 0 ? "" : await send(alert, name, receiver, alerts?.smtp).then(() => undefined, messageOf);
    await book.settle(of, name, alert, problem === undefined, now.toISOString());
    if (problem === undefined) sent++;
    else if (problem !== "") failures.push(`receiver ${name} ${problem}; it is tried again`);
  }
  return { sent, failures };
}

function wants({ severity, platforms }: Receiver, alert: KnownAlert): boolean {
  return (severity ?? alert.severity) === alert.severity && (platforms?.includes(alert.platform) ?? true);
}

function claimEnd(now: Date): string {
  return new Date(now.getTime() + CLAIM_SECONDS * 1000).toISOString();
}

function messageOf(error: unknown): string {
  return (error as Error).message;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
