import type { Alerts, Receiver } from "../config/stack/alerts.ts";
import type { KnownAlert } from "../history/history.ts";
import { alertmanagerAlert, slackMessage, textOf, titleOf, webhookMessage } from "./message.ts";
import { request } from "./request.ts";

/** How long a receiver may take, milliseconds. */
const PATIENCE = 10_000;

/**
 * Tells a receiver of one alert, by the way it asks for.
 * @throws where it didn't take it; the message holds no address
 */
export async function send(alert: KnownAlert, name: string, receiver: Receiver, smtp: Alerts["smtp"]): Promise<void> {
  const { webhook, slack, channel, email } = receiver;
  if (webhook !== undefined) return post(webhook, webhookMessage(alert, name));
  if (slack !== undefined) return post(slack, slackMessage(alert, channel));
  if (email !== undefined && smtp !== undefined) return mail(alert, email, smtp);
}

/** Tells Alertmanager what fires and what is over; it knows by itself what it has told. @throws where it can't be reached */
export function tellAlertmanager(url: string, alerts: readonly KnownAlert[], until: Date): Promise<void> {
  const body = alerts.map((alert) => alertmanagerAlert(alert, until));
  return post(`${url.replace(/\/$/, "")}/api/v2/alerts`, body);
}

async function post(url: string, body: object): Promise<void> {
  const { status } = await request(url, { body, patience: PATIENCE }).catch((error: Error) => {
    throw new Error(`can't be reached (${error.message})`);
  });
  if (status >= 300) throw new Error(`answers ${status}`);
}

async function mail(alert: KnownAlert, to: string, smtp: NonNullable<Alerts["smtp"]>): Promise<void> {
  const { server, from, user, password, tls } = smtp;
  const [host = "", port = ""] = server.split(":");
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    host,
    port: Number(port),
    // 465 speaks TLS from the first byte, every other port after STARTTLS.
    secure: port === "465",
    requireTLS: tls,
    ignoreTLS: !tls,
    ...(user !== undefined && { auth: { user, pass: password ?? "" } }),
    connectionTimeout: PATIENCE,
    greetingTimeout: PATIENCE,
    socketTimeout: PATIENCE,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ from, to, subject: titleOf(alert), text: textOf(alert) });
  } catch (error) {
    const { code = "EMAIL", responseCode } = error as { code?: string; responseCode?: number };
    throw new Error(`the mail server ${server} doesn't take it (${responseCode ?? code})`);
  } finally {
    transport.close();
  }
}
