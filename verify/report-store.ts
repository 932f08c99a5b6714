import { isoWeekOf, quarterOf, timestampOf } from "../config/paths/calendar.ts";
import { buildKey, placeholdersOf } from "../config/paths/paths.ts";
import { LiveClient } from "../live/client.ts";
import { answerFault } from "../live/faults.ts";
import { ReadError } from "../live/read-error.ts";
import type { ServerAddress } from "../live/server-address.ts";

/** Where reports go: a bucket and a prefix, in which placeholders of `MOMENTS` stand for the time, in UTC. */
export interface ReportPlace {
  readonly bucket: string;
  readonly prefix: string;
}

/** A file of a report. */
export interface ReportFile {
  /** Begin and end of its name, with the time between them: `verify-20261121235958.json`. */
  readonly begin: string;
  readonly extension: string;
  readonly type: string;
  readonly text: string;
}

const MOMENTS: Readonly<Record<string, (moment: Date) => string>> = {
  date: (moment) => timestampOf(moment).slice(0, 8),
  week: isoWeekOf,
  month: (moment) => timestampOf(moment).slice(0, 6),
  period: quarterOf,
  timestamp: timestampOf,
};

/** Reads `BUCKET/PREFIX`. @returns why it is none, to follow it */
export function reportPlace(text: string): ReportPlace | string {
  const [, bucket, prefix] = /^([^/]+)\/(.*)$/.exec(text) ?? [];
  if (bucket === undefined || prefix === undefined)
    return "must be BUCKET/PREFIX, like reports/type=daily/date={date}/";
  if (prefix !== "" && !prefix.endsWith("/")) return "must end in a slash: the report's own name follows";
  const others = placeholdersOf(prefix).filter((name) => !Object.hasOwn(MOMENTS, name));
  const known = Object.keys(MOMENTS).map((name) => `{${name}}`);
  return others.length > 0 ? `holds {${others[0]}}, and only ${known.join(", ")} are known` : { bucket, prefix };
}

/** Key of a file of the report of a moment: `<prefix>verify-<YYYYMMDDHHMMSS>.json`. */
export function reportKey(
  { prefix }: ReportPlace,
  moment: Date,
  { begin, extension }: Pick<ReportFile, "begin" | "extension"> = VERIFY,
): string {
  const values = placeholdersOf(prefix).map((name) => [name, MOMENTS[name]?.(moment) ?? ""] as const);
  const built = buildKey(prefix, Object.fromEntries(values));
  if (!built.ok) throw new Error(`no key from ${prefix}`);
  return `${built.key}${begin}-${timestampOf(moment)}.${extension}`;
}

const VERIFY = { begin: "verify", extension: "json" };

/**
 * Puts what `verify` found into its bucket; answers its URI, `s3://bucket/key`.
 * @throws ReadError when the server doesn't take it
 */
export async function storeReport(
  report: object,
  place: ReportPlace,
  server: ServerAddress,
  moment: Date,
): Promise<string> {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  const [uri = ""] = await storeFiles([{ ...VERIFY, type: "application/json", text }], place, server, moment);
  return uri;
}

/**
 * Puts the files of a report into their bucket; answers their URIs.
 * @throws ReadError when the server doesn't take one
 */
export async function storeFiles(
  files: readonly ReportFile[],
  place: ReportPlace,
  server: ServerAddress,
  moment: Date,
): Promise<string[]> {
  const client = new LiveClient(server);
  const uris: string[] = [];
  try {
    for (const file of files) {
      const objectName = reportKey(place, moment, file);
      const uri = `s3://${place.bucket}/${objectName}`;
      const request = { method: "PUT", bucketName: place.bucket, objectName, payload: file.text } as const;
      const answer = await client.send({ ...request, headers: { "content-type": file.type } });
      if (answer.status !== 200) {
        const { message } = answerFault(answer, server, { deed: "store", right: "s3:PutObject" });
        throw new ReadError(`the report can't be stored as ${uri}: ${message}`, false);
      }
      uris.push(uri);
    }
    return uris;
  } finally {
    client.close();
  }
}
