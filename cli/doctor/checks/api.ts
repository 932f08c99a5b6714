import { ReadError } from "../../../live/read-error.ts";
import { type Answer, asText } from "../../../live/request.ts";
import { Sender } from "../../../live/sender.ts";
import type { ServerAddress } from "../../../live/server-address.ts";
import { parseXml } from "../../../live/xml.ts";
import { type Context, serverOf } from "../context.ts";
import { parted, right, type Seen, wrong } from "../finding.ts";

/** Servers refuse a signature whose time is further off than this. */
const REFUSED_MS = 15 * 60_000;
/** `recover` tells by times which run made what; it bears as much. */
const BORNE_MS = 60_000;

/** Where MinIO says whether it is alive. */
const LIVE = "/minio/health/live";

/** Whether S3 answers, and not MinIO's console or another program. */
export async function lookAtApi(at: Context): Promise<Seen[]> {
  const server = serverOf(at);
  const answer = await unsigned(server);
  if (answer instanceof ReadError) return [parted("wrong", answer.message)];
  const seen = judgeApi(answer, server);
  if (seen.state !== "right") return [seen];
  const health = await unsigned(server, LIVE);
  // Other servers have no such page, and say so in their own ways.
  const isReady = !(health instanceof ReadError) && health.status !== 503;
  return [isReady ? seen : wrong(`${server.endpoint}${LIVE} says that it isn't ready`, "wait, and look at its log")];
}

/** What an answer to an unsigned request for the list of buckets says of who gave it; pure. */
function judgeApi({ status, body }: Answer, { endpoint, endpointFrom }: ServerAddress): Seen {
  const from = `the endpoint of ${endpointFrom ?? "the settings"}`;
  if (/HTTP request to an HTTPS server/i.test(body)) {
    return wrong(`${endpoint} speaks TLS, and was asked without`, "set bucketworks:secure to true");
  }
  if (/^\s*<(!doctype html|html)/i.test(body)) {
    const seen = `${endpoint} answers with a web page: it is MinIO's console (9001), or another program`;
    return wrong(seen, `set ${from} to the S3 port (9000)`);
  }
  const isS3 = parseXml(body, "Error") !== undefined || parseXml(body, "ListAllMyBucketsResult") !== undefined;
  if (status === 503) return wrong(`${endpoint} is not ready, or too busy (503)`, "wait, and look at the server's log");
  if (isS3) return right(`S3 answers at ${endpoint}`);
  return wrong(`${endpoint} answered ${status}, not as S3 would`, `set ${from} to the S3 port (9000)`);
}

/** Whether this machine and the server have the same time, by the date of an answer. */
export async function lookAtClock(at: Context): Promise<Seen[]> {
  const before = Date.now();
  const answer = await unsigned(serverOf(at));
  if (answer instanceof ReadError) return [parted("unknown", answer.message)];
  const theirs = Date.parse(answer.date ?? "");
  if (Number.isNaN(theirs)) return [{ state: "unknown", seen: "the server's answers have no date" }];
  return [judgeClock(theirs, (before + Date.now()) / 2)];
}

/** @param theirs milliseconds since 1970, whole seconds; ours alike. Pure */
export function judgeClock(theirs: number, ours: number): Seen {
  const off = theirs - ours;
  const seconds = Math.round(Math.abs(off) / 1000);
  const seen = `the server's clock is ${seconds} s ${off > 0 ? "ahead of" : "behind"} this machine's`;
  const cure = "let both follow the same time server (NTP): timedatectl, chronyc tracking";
  if (Math.abs(off) > REFUSED_MS) return wrong(`${seen}, and signatures are refused (RequestTimeTooSkewed)`, cure);
  if (Math.abs(off) > BORNE_MS) return wrong(`${seen}: recover and retention go by these times`, cure);
  return right(seconds < 2 ? "the server has the time of this machine" : seen);
}

async function unsigned(server: ServerAddress, path = "/"): Promise<Answer | ReadError> {
  const sender = new Sender(server, { keepAlive: false });
  try {
    return asText(await sender.send({ method: "GET", path, headers: {}, body: "" }));
  } catch (error) {
    if (error instanceof ReadError) return error;
    throw error;
  } finally {
    sender.close();
  }
}
