import { timestampOf } from "../config/paths/calendar.ts";
import { buildKey, placeholdersOf } from "../config/paths/paths.ts";
import { LiveClient } from "../live/client.ts";
import { answerFault } from "../live/faults.ts";
import { ReadError } from "../live/read-error.ts";
import type { ServerAddress } from "../live/server-address.ts";

/** Where reports go: a bucket and a prefix in which `{date}` stands for the day, in UTC. */
export interface ReportPlace {
  readonly bucket: string;
  readonly prefix: string;
}

/** Reads `BUCKET/PREFIX`. @returns why it is none, to follow it */
export function reportPlace(text: string): ReportPlace | string {
  const [, bucket, prefix] = /^([^/]+)\/(.*)$/.exec(text) ?? [];
  if (bucket === undefined || prefix === undefined)
    return "must be BUCKET/PREFIX, like reports/type=daily/date={date}/";
  if (prefix !== "" && !prefix.endsWith("/")) return "must end in a slash: the report's own name follows";
  const others = placeholdersOf(prefix).filter((name) => name !== "date");
  return others.length > 0 ? `holds {${others[0]}}, and only {date} is known` : { bucket, prefix };
}

/** Key of the report of a moment: `<prefix>verify-<YYYYMMDDHHMMSS>.json`. */
export function reportKey({ prefix }: ReportPlace, moment: Date): string {
  const timestamp = timestampOf(moment);
  const built = buildKey(prefix, placeholdersOf(prefix).length === 0 ? {} : { date: timestamp.slice(0, 8) });
  if (!built.ok) throw new Error(`no key from ${prefix}`);
  return `${built.key}verify-${timestamp}.json`;
}

/**
 * Puts a report into its bucket; answers its URI, `s3://bucket/key`.
 * @throws ReadError when the server doesn't take it
 */
export async function storeReport(
  report: object,
  place: ReportPlace,
  server: ServerAddress,
  moment: Date,
): Promise<string> {
  const key = reportKey(place, moment);
  const uri = `s3://${place.bucket}/${key}`;
  const client = new LiveClient(server);
  try {
    const answer = await client.put(place.bucket, key, `${JSON.stringify(report, null, 2)}\n`);
    if (answer.status === 200) return uri;
    const { message } = answerFault(answer, server, { deed: "store", right: "s3:PutObject" });
    throw new ReadError(`the report can't be stored as ${uri}: ${message}`, false);
  } finally {
    client.close();
  }
}
