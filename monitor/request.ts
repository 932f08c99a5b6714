import http from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import { proxyEnvironment } from "../config/values/proxy.ts";
import { addressOf } from "./address.ts";

export interface Request {
  /** Sent as JSON; without one it is a GET. */
  readonly body?: object;
  /** How long the whole answer may take, milliseconds. */
  readonly patience: number;
}

/**
 * Asks a receiver or an Alertmanager, through the proxy of the environment as all our clients do, never for loopback.
 * Redirects aren't followed: most would be without the message.
 * @throws Error whose message is a code: other words could hold the URL, which may be a secret
 */
export async function request(url: string, { body, patience }: Request): Promise<{ status: number; text: string }> {
  const signal = AbortSignal.timeout(patience);
  const { place, headers: own } = addressOf(url);
  const proxyEnv = proxyEnvironment(process.env);
  const isSecure = place.protocol === "https:";
  const agent = new (isSecure ? https : http).Agent({ keepAlive: false, ...(proxyEnv && { proxyEnv }) });
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const headers = { ...own, ...(sent !== undefined && { "content-type": "application/json" }) };
  const options = { method: sent === undefined ? "GET" : "POST", headers, agent, signal };
  try {
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const asked = (isSecure ? https : http).request(place, options, resolve);
      asked.on("error", reject);
      asked.end(sent);
    });
    return { status: answer.statusCode ?? 0, text: await text(answer) };
  } catch (error) {
    throw new Error(signal.aborted ? "ETIMEDOUT" : codeOf(error));
  } finally {
    agent.destroy();
  }
}

function codeOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  return code ?? name;
}
