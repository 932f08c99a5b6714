import { defaults } from "../../config/defaults.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { DatabaseFault } from "../../database/fault.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import type { BackupDrill, Report } from "../../report/schema.ts";

const CURE = "it has to list the buckets that backups go to";

/** Buckets of which the newest manifest is looked for at the same time. */
const AT_ONCE = 4;

/** The last drill of each bucket, as a history has it. */
export type Drills = () => Promise<ReadonlyMap<string, BackupDrill>>;

/**
 * How old the newest manifest of each bucket is that the platforms back up, and what its last drill proved.
 * @returns the reason where it can't be looked at; undefined where no platform has a backup
 */
export async function backupsSeen(
  { platforms }: ResolvedModel,
  address: ServerAddress,
  drills: Drills | undefined,
): Promise<Report["backups"] | undefined> {
  const planned = platforms.flatMap(({ name: platform, backup, alerting }) => {
    const hours = (alerting?.backup.maxAgeSeconds ?? defaults.alerting.backupHours * 3600) / 3600;
    return (backup?.buckets ?? []).map(({ bucket }) => ({ platform, bucket, backup, hours }));
  });
  if (planned.length === 0) return undefined;
  // Loaded where there is something to look at: its client takes a while.
  const [{ connect }, { listManifests }, { backupFaultText }, { default: pMap }] = await Promise.all([
    import("../../provider/server/connection.ts"),
    import("../../backup/target/manifests.ts"),
    import("../../backup/fault.ts"),
    import("p-map"),
  ]);
  const server = connect(address, new AbortController().signal);
  try {
    const known = await drillsOf(drills);
    const entries = await pMap(
      planned,
      async ({ platform, bucket, backup, hours }) => {
        const place = { server, target: backup?.bucket ?? "", prefix: backup?.prefix ?? "", bucket };
        const last = newestOf(await listManifests(place), new Date());
        const last_at = last?.instant.toISOString() ?? null;
        return { name: bucket, platform, last_at, max_age_hours: hours, drill: known.get(bucket) ?? null };
      },
      { concurrency: AT_ONCE },
    );
    return { entries };
  } catch (error) {
    const key = `the key of ${address.credentialsFrom ?? "this run"}`;
    return { reason: `backups can't be looked at: ${backupFaultText(error, { server, key, cure: CURE })}` };
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
