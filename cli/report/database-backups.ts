import { placeName } from "../../builders/postgres/barman.ts";
import { defaults } from "../../config/defaults.ts";
import type { Platform, ResolvedModel } from "../../config/model.ts";
import type { ServerAddress } from "../../live/server-address.ts";
import type { DatabaseBackupEntry, DatabaseDrill, Report } from "../../report/schema.ts";
import type { ArchivePlace } from "./database-archive.ts";

const CURE = "it has to list what is below the prefix of database_backup, and to get it";

/** The last drill of what a place holds: `s3://BUCKET/PREFIX/SERVER`. */
export type DatabaseDrills = (place: string) => DatabaseDrill | undefined;

/**
 * How old the newest base backup and the newest archived log are of each PostgreSQL server that the platforms back up, and what its
 * last drill proved.
 * @returns the reason where it can't be looked at; undefined where no platform backs databases up
 */
export async function databaseBackupsSeen(
  { platforms }: ResolvedModel,
  address: ServerAddress,
  drillOf: DatabaseDrills,
): Promise<Report["database_backups"] | undefined> {
  const planned = platforms.filter(({ databaseBackup }) => databaseBackup !== null);
  if (planned.length === 0) return undefined;
  // Loaded where there is something to look at: its client takes a while.
  const { connect } = await import("../../provider/server/connection.ts");
  const { backupFaultText } = await import("../../backup/fault.ts");
  const { databaseArchives } = await import("./database-archive.ts");
  const store = connect(address, new AbortController().signal);
  try {
    const entries: DatabaseBackupEntry[] = [];
    for (const platform of planned) {
      const place = placeOf(platform);
      const found = await databaseArchives(store, place);
      const newest = Math.max(...found.map(({ logAt }) => logAt?.getTime() ?? 0));
      entries.push(
        ...found.map(({ server, first, last, logAt }) => ({
          ...{ server, platform: platform.name, is_current: logAt !== null && logAt.getTime() === newest },
          last_base_at: last?.toISOString() ?? null,
          max_age_hours: (platform.alerting?.backup.maxAgeSeconds ?? defaults.alerting.backupHours * 3600) / 3600,
          recoverable_from: first?.toISOString() ?? null,
          recoverable_until: last === null ? null : (logAt?.toISOString() ?? null),
          drill: drillOf(placeName({ ...place, server })) ?? null,
        })),
      );
    }
    return { entries };
  } catch (error) {
    const asked = { server: store, key: `the key of ${address.credentialsFrom ?? "this run"}`, cure: CURE };
    return { reason: `backups of databases can't be looked at: ${backupFaultText(error, asked)}` };
  } finally {
    for (const client of [store.s3, store.s3Once, store.http]) client.destroy();
  }
}

function placeOf({ databaseBackup }: Platform): ArchivePlace {
  return { bucket: databaseBackup?.bucket ?? "", prefix: databaseBackup?.prefix ?? "" };
}
