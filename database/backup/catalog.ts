import { z } from "zod";

/** A whole base backup, as Barman's catalogue tells of it. */
export interface BaseBackup {
  readonly id: string;
  readonly begin: Date;
  /** From here on every moment can be restored from it. */
  readonly end: Date;
  /** Bytes of the databases, before they were compressed; null where it doesn't tell. */
  readonly size: number | null;
}

const entry = z.object({
  backup_id: z.string(),
  status: z.string().nullish(),
  begin_time_iso: z.iso.datetime({ offset: true, local: true }).nullish(),
  end_time_iso: z.iso.datetime({ offset: true, local: true }).nullish(),
  cluster_size: z.coerce.number().nullish(),
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
    if (status !== "DONE" || !begin || !end) broken.push(id);
    else whole.push({ id, begin: new Date(begin), end: new Date(end), size: size ?? null });
  }
  whole.sort((a, b) => a.end.getTime() - b.end.getTime());
  return { whole, broken: broken.sort() };
}

/** The base backup from which a moment is restored: the newest that was whole by then. Null is the newest moment there is. */
export function baseFor(backups: readonly BaseBackup[], moment: Date | null): BaseBackup | undefined {
  return backups.findLast(({ end }) => moment === null || end.getTime() <= moment.getTime());
}
