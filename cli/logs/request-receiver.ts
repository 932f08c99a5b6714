import { createHash, timingSafeEqual } from "node:crypto";
import { appendFileSync, renameSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { authorizationOf } from "../../builders/services/server-requests.ts";
import { requestLine } from "./server-request.ts";

/** Bytes of the log before it is moved away. */
const LIMIT = 5 * 1024 * 1024;
/** Bytes of what is told at once. */
const MOST = 8 * 1024 * 1024;

export interface ReceiverSettings {
  readonly token: string;
  /** The log that requests become lines of. */
  readonly log: string;
  /** @default 5 MiB; bytes of the log before it is moved away */
  readonly limit?: number;
}

/**
 * Takes what the server tells of requests, and writes it to a log, which is shipped as any other. A request counts as taken once
 * its line is in the log. A log that is full, and not shipped yet, takes no more: then they wait on the server's disk.
 */
export class RequestReceiver {
  readonly #settings: Required<ReceiverSettings>;

  constructor(settings: ReceiverSettings) {
    this.#settings = { limit: LIMIT, ...settings };
  }

  /** Answers 200 when the log has it, 401 to a stranger, 503 where it has to wait. */
  async receive(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const status = await this.#take(request);
    answer.writeHead(status).end();
  }

  /** All of the log was shipped: one that is full is moved to the place of the one before. */
  shipped(): void {
    const { log } = this.#settings;
    if (this.#isFull()) renameSync(log, `${log}.1`);
  }

  async #take(request: IncomingMessage): Promise<number> {
    const { log, token } = this.#settings;
    if (!isSame(request.headers.authorization ?? "", authorizationOf(token))) return 401;
    if (request.method !== "POST") return 405;
    if (this.#isFull()) return 503;
    const body = await bodyOf(request);
    // Told again and again otherwise, with all others behind it.
    const lines = body === undefined ? [unread("it is too long")] : body.split("\n").flatMap(linesOf);
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    appendFileSync(log, text, { mode: 0o600 });
    return 200;
  }

  #isFull(): boolean {
    const { log, limit } = this.#settings;
    return (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > limit;
  }
}

function linesOf(line: string): Readonly<Record<string, unknown>>[] {
  return line.trim() === "" ? [] : [requestLine(line) ?? unread("it is none that is known")];
}

function unread(why: string): Readonly<Record<string, unknown>> {
  const message = `what the server told of a request can't be kept: ${why}`;
  return { time: new Date().toISOString(), level: "error", message, service: "minio-requests" };
}

/** @returns undefined where it is too long: the rest is read and forgotten */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= MOST) parts.push(part);
  }
  return bytes > MOST ? undefined : Buffer.concat(parts).toString("utf8");
}

/** Compares digests, which takes as long whatever they are. */
function isSame(given: string, wanted: string): boolean {
  const digest = (value: string) => createHash("sha256").update(value).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
