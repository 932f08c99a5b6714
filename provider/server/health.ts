import { setTimeout } from "node:timers/promises";
import { HttpRequest } from "@smithy/core/protocols";
import type { Connection } from "./connection.ts";

/** Seconds in which servers that have just been started find one another, and between two looks. */
const LIMITS = { together: 90, pause: 1, answer: 5 };

/** How MinIO says by itself that it is: `live` is this server, `cluster` as many of them as a write needs. */
type Health = "live" | "cluster";

/**
 * Asks, until it succeeds, a server that lives and doesn't serve: one that has just been started looks for the others
 * first, and answers nothing, or that it isn't ready. Whatever else is wrong is told at once.
 * @param say called once when there is something to wait for
 * @param passes whether a failure may be one of a server that is starting
 */
export async function whenTogether<T>(
  server: Connection,
  ask: () => Promise<T>,
  { say, passes }: { say: (line: string) => Promise<void>; passes: (error: unknown) => boolean },
): Promise<T> {
  const end = Date.now() + LIMITS.together * 1000;
  for (let looks = 0; ; looks++) {
    const last = Date.now() > end;
    const apart = !last && (await status(server, "cluster")) === 503 && (await status(server, "live")) === 200;
    if (!apart) {
      try {
        return await ask();
      } catch (error) {
        if (last || !passes(error) || (await status(server, "live")) !== 200) throw error;
      }
    }
    if (looks === 0) await say(`waits for the servers behind ${server.url} to find one another`);
    await setTimeout(LIMITS.pause * 1000, undefined, { signal: server.signal });
  }
}

/** @returns undefined where no answer came */
async function status(server: Connection, health: Health): Promise<number | undefined> {
  const { protocol, hostname, port, host } = new URL(server.url);
  const request = new HttpRequest({
    method: "GET",
    protocol,
    hostname,
    ...(port !== "" && { port: Number(port) }),
    path: `/minio/health/${health}`,
    headers: { host },
  });
  const signal = AbortSignal.any([server.signal, AbortSignal.timeout(LIMITS.answer * 1000)]);
  try {
    const { response } = await server.http.handle(request, { abortSignal: signal });
    response.body?.resume?.();
    return response.statusCode;
  } catch (error) {
    if (server.signal.aborted) throw error;
    return undefined;
  }
}
