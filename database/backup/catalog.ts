import { z } from "zod";
import { leadsOn, logPosition, type Timelines } from "./timelines.ts";

/** A whole base backup, as Barman's catalogue tells of it. */
export interface BaseBackup {
  readonly id: string;
  readonly begin: Date;
  /** From here on every moment can be restored from it. */
  readonly end: Date;
  /** Bytes of the databases, before they were compressed; null where it doesn't tell. */
  readonly size: number | null;
  /** On which it was made. */
  readonly timeline: number;
  /** Segment of the log with which a recovery from it begins. */
  readonly firstSegment: string;
  /** Position in the log up to which a recovery from it goes at least. */
  readonly endPosition: bigint;
}

const entry = z.object({
  backup_id: z.string(),
  status: z.string().nullish(),
  begin_time_iso: z.iso.datetime({ offset: true, local: true }).nullish(),
  end_time_iso: z.iso.datetime({ offset: true, local: true }).nullish(),
  cluster_size: z.coerce.number().nullish(),
  timeline: z.int().min(1).nullish(),
  begin_wal: z
    .string()
    .regex(/^[0-9A-F]{24}$/)
    .nullish(),
  end_xlog: z
    .string()
    .regex(/^[0-9A-F]+\/[0-9A-F]+$/i)
    .nullish(),
});
const answer = z.object({ backups_list: z.array(entry) });

export interface Catalogue {
  /** Oldest first. */
  readonly whole: readonly BaseBackup[];
  /** Ids of those that failed or were interrupted: nothing is restored from them. */
  readonly broken: readonly string[];
}

/** Reads what `barman-cloud-backup-list --format json` wrote. @throws Error where it is something else */
export function readCatalogue(text: string): Catalogue {
  const { backups_list: all } = answer.parse(JSON.parse(text));
  const whole: BaseBackup[] = [];
  const broken: string[] = [];
  for (const each of all) {
    const { backup_id: id, status, begin_time_iso: begin, end_time_iso: end, cluster_size: size } = each;
    const { timeline, begin_wal: firstSegment, end_xlog: last } = each;
    if (status !== "DONE" || !begin || !end || !timeline || !firstSegment || !last) broken.push(id);
    else {
      const endPosition = logPosition(last);
      const times = { begin: new Date(begin), end: new Date(end) };
      whole.push({ id, ...times, size: size ?? null, timeline, firstSegment, endPosition });
    }
  }
  whole.sort((a, b) => a.end.getTime() - b.end.getTime());
  return { whole, broken: broken.sort() };
}

/**
 * The base backup from which a moment is restored: of those that lead on to the newest timeline, the newest that was whole by then.
 * Barman's own choice heeds no timeline, or one alone.
 * @param moment null is the newest that there is
 */
export function baseFor(
  backups: readonly BaseBackup[],
  moment: Date | null,
  timelines: Timelines,
): BaseBackup | undefined {
  return backups.findLast(({ end, timeline, endPosition }) => {
    const isWhole = moment === null || end.getTime() <= moment.getTime();
    return isWhole && leadsOn(timelines, timeline, endPosition);
  });
}

/** Whether the newest base backup is older than it may be; no base backup at all is none that is old. */
export function isTooOld(newest: BaseBackup | undefined, maxAgeSeconds: number, now: Date): boolean {
  return newest !== undefined && (now.getTime() - newest.end.getTime()) / 1000 > maxAgeSeconds;
}
