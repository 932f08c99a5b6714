import { defaults } from "../../config/defaults.ts";
import type { Platform, ResolvedModel } from "../../config/model.ts";
import { DatabaseFault } from "../../database/fault.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import type { BackupDrill, Report } from "../../report/schema.ts";
import { type BackupServer, otherServer } from "../backup/target-server.ts";
import { CommandError } from "../ending/exit.ts";

const CURE = "it has to list the buckets that backups go to";

/** Buckets of which the newest manifest is looked for at the same time. */
const AT_ONCE = 4;

/** The last drill of each bucket, as a history has it. */
export type Drills = () => Promise<ReadonlyMap<string, BackupDrill>>;

/** How backups are looked at. */
export interface Looking {
  readonly stage: string;
  /** URL of the server where the command line names it, and no stack. */
  readonly server: string | undefined;
  readonly drills: Drills | undefined;
  /** When the history begins; undefined where it has nothing. */
  readonly since: string | undefined;
}

/**
 * How old the newest manifest of each bucket is that the platforms back up, and what its last drill proved.
 * @returns the reason where it can't be looked at; undefined where no platform has a backup
 */
export async function backupsSeen(
  { platforms }: ResolvedModel,
  address: ServerAddress,
  { drills, since, ...options }: Looking,
): Promise<Report["backups"] | undefined> {
  const planned = platforms.filter(({ backup }) => backup !== null);
  if (planned.length === 0) return undefined;
  const known = await drillsOf(drills);
  const entries: Entries = [];
  for (const platform of planned) {
    const seen = await ofPlatform(platform, address, options);
    if ("reason" in seen) return seen;
    entries.push(...seen.map((each) => withDrill(each, known.get(each.name) ?? null, platform, since)));
  }
  return { entries };
}

const DAY_MS = 24 * 3_600_000;

/** A drill that is scheduled and was never seen is overdue once the history has been kept for long enough to have it. */
function withDrill(
  seen: Omit<Entries[number], DrillKeys>,
  drill: BackupDrill | null,
  { backup, alerting }: Platform,
  since: string | undefined,
): Entries[number] {
  const max_drill_age_days = alerting?.backup.drillDays ?? defaults.alerting.drillDays;
  const from = drill?.at ?? (backup?.drill === null ? undefined : since);
  const drill_overdue = from !== undefined && Date.now() - Date.parse(from) > max_drill_age_days * DAY_MS;
  return { ...seen, drill, max_drill_age_days, drill_overdue };
}

type DrillKeys = "drill" | "max_drill_age_days" | "drill_overdue";
type Entries = Extract<Report["backups"], { readonly entries: unknown }>["entries"][number][];

async function ofPlatform(
  { name: platform, backup, alerting }: Platform,
  own: ServerAddress,
  options: Pick<Looking, "stage" | "server">,
): Promise<Omit<Entries[number], DrillKeys>[] | { readonly reason: string }> {
  if (backup === null) return [];
  // Loaded where there is something to look at: its client takes a while.
  const [{ connect }, { listManifests }, { backupFaultText }, { default: pMap }] = await Promise.all([
    import("../../provider/server/connection.ts"),
    import("../../backup/target/manifests.ts"),
    import("../../backup/fault.ts"),
    import("p-map"),
  ]);
  let other: BackupServer | undefined;
  try {
    other = await otherServer(backup, options);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { reason: `backups can't be looked at: ${error.message}` };
  }
  const { server: address, ...asked } = other ?? {
    ...{ server: own, key: `the key of ${own.credentialsFrom ?? "this run"}`, cure: CURE },
  };
  const server = connect(address, new AbortController().signal);
  const max_age_hours = (alerting?.backup.maxAgeSeconds ?? defaults.alerting.backupHours * 3600) / 3600;
  try {
    return await pMap(
      backup.buckets,
      async ({ bucket }) => {
        const place = { server, target: backup.bucket, prefix: backup.prefix, bucket };
        const last = newestOf(await listManifests(place), new Date());
        return { name: bucket, platform, last_at: last?.instant.toISOString() ?? null, max_age_hours };
      },
      { concurrency: AT_ONCE },
    );
  } catch (error) {
    return { reason: `backups can't be looked at: ${backupFaultText(error, { ...asked, server })}` };
  } finally {
    for (const client of [server.s3, server.s3Once, server.http]) client.destroy();
  }
}

/** How far the server's clock may be ahead, milliseconds. */
const AHEAD = 3_600_000;

/** The newest of now: one of a later time no run made, and none gets past it, so the age is that of the last before it. */
export function newestOf<T extends { readonly instant: Date }>(manifests: readonly T[], now: Date): T | undefined {
  return manifests.findLast(({ instant }) => instant.getTime() <= now.getTime() + AHEAD);
}

/** A history that is away takes no look away: the trend says that it is. */
async function drillsOf(drills: Drills | undefined): Promise<ReadonlyMap<string, BackupDrill>> {
  try {
    return (await drills?.()) ?? new Map();
  } catch (error) {
    if (error instanceof DatabaseFault) return new Map();
    throw error;
  }
}
