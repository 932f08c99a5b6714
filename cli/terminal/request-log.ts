import { plainText } from "../../config/text/plain.ts";
import type { RequestTime } from "../../live/server-address.ts";

export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Tells of each request: a line for people at a terminal, else a JSON object a line, as logs are shipped. */
export function requestLog(stream: NodeJS.WriteStream): (request: RequestTime) => void {
  return ({ method, path, status, milliseconds }) => {
    const took = Number(milliseconds.toFixed(1));
    const line = stream.isTTY
      ? plainText(`${method} ${path}: ${status ?? "no answer"} (${took} ms)`)
      : JSON.stringify({
          time: new Date().toISOString(),
          level: "debug",
          event: "request",
          ...{ method, path, status, duration_ms: took },
        });
    stream.write(`${line}\n`);
  };
}
