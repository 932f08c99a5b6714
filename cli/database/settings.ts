import type { BackupPlace } from "../../builders/postgres/barman.ts";
import { type DatabasePlan, databasePlan } from "../../builders/postgres/database-plan.ts";
import { declaredBackup } from "../../builders/postgres/declared-backup.ts";
import { defaults } from "../../config/defaults.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { backupPlace, type DeclaredBackup } from "../local/postgres/archive.ts";
import { declaredServices } from "../local/services/declared.ts";
import { STACK } from "../local/stack/name.ts";
import { readStackFile } from "../stack-file.ts";

/** What the commands of `bucketworks database` work with. */
export interface BackupSettings {
  readonly checkout: Checkout;
  readonly backup: DeclaredBackup;
  readonly plan: DatabasePlan;
  /** Seconds after which the newest base backup is too old: as the platform's alerts have it. */
  readonly maxAgeSeconds: number;
}

/** @throws CommandError where the stack dev has no database backups */
export function backupSettings(checkout: Checkout = checkoutAt(ownRoot())): BackupSettings {
  const { platforms } = declaredServices(checkout);
  const backup = declaredBackup(platforms);
  if (backup === undefined) {
    throw new CommandError(
      "no platform of the stack dev has its databases backed up; add database_backup to the platform that has the bucket for it (docs/database-backup.md)",
      EXIT.wrongUse,
    );
  }
  const plan = databasePlan({ schemaVersion: 1, stage: STACK, connection: null, platforms });
  const region = readStackFile(checkout.root, STACK).region ?? defaults.region;
  const alerting = platforms.find(({ databaseBackup }) => databaseBackup !== null)?.alerting;
  const maxAgeSeconds = alerting?.backup.maxAgeSeconds ?? defaults.alerting.backupHours * 3600;
  return { checkout, backup: { ...backup, region }, plan, maxAgeSeconds };
}

/**
 * Where the backups are.
 * @param server name below the prefix; absent is the server whose data folder is here
 */
export function placeOf({ checkout, backup }: BackupSettings, server?: string): BackupPlace {
  const place = backupPlace(checkout, backup, server);
  if (place !== undefined) return place;
  throw new CommandError(
    `there is no data folder here that tells which server's backups are meant; name one with --server (mc ls dev/${backup.bucket}/${backup.prefix} lists them)`,
    EXIT.wrongUse,
  );
}
