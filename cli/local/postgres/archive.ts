import { readFileSync } from "node:fs";
import { join } from "node:path";
import { backupPassword } from "../../../builders/postgres/backup-role.ts";
import { archiveScript, type BackupPlace, restoreScript, scriptCommand } from "../../../builders/postgres/barman.ts";
import type { WalArchive } from "../../../builders/postgres/configuration.ts";
import type { DatabaseBackup } from "../../../config/model.ts";
import { BACKUP_ROLE } from "../../../config/values/database-names.ts";
import type { Checkout } from "../../checkout.ts";
import type { Key } from "../../key/formats.ts";
import { makePrivateFolder, readText, writePrivate } from "../private-files.ts";
import { HOST } from "../service/local-service.ts";

/** What a spec says of the server's backups, and which region its store answers for. */
export interface DeclaredBackup extends DatabaseBackup {
  readonly region: string;
}

/** Python's environment with Barman, below `.bucketworks/pipelines`. */
export const BARMAN_ENVIRONMENT = "database-backup";

const FILES = {
  archive: "archive.sh",
  restore: "restore.sh",
  credentials: "credentials",
  passwords: "pgpass",
} as const;

/** How the checkout's server has its log archived; the script itself is written when the store's place is known. */
export function archiveOf({ postgres }: Checkout, { archiveTimeoutSeconds }: DatabaseBackup): WalArchive {
  const command = scriptCommand(join(postgres.backup, FILES.archive), "%p");
  return { command, timeoutSeconds: archiveTimeoutSeconds };
}

/**
 * Where the backups of the checkout's server are. Another data folder is another server: initdb gives it another number,
 * so that its log never stands where the log of the one before stands.
 * @param server absent is the one whose data folder is here
 * @returns undefined where no data folder is here, and no server is named
 */
export function backupPlace(checkout: Checkout, backup: DeclaredBackup, server?: string): BackupPlace | undefined {
  const { root, postgres, minio } = checkout;
  const name = server ?? serverName(join(postgres.folder, "data"));
  if (name === undefined) return undefined;
  return {
    python: join(root, ".bucketworks", "pipelines", BARMAN_ENVIRONMENT, "bin", "python"),
    endpoint: `http://${readText(minio.endpoint) ?? ""}`,
    region: backup.region,
    bucket: backup.bucket,
    prefix: backup.prefix,
    server: name,
    credentials: join(postgres.backup, FILES.credentials),
    scratch: join(postgres.backup, "scratch"),
  };
}

/** Writes the program that archives, for the store as it is now. */
export function writeArchiveScript(checkout: Checkout, backup: DeclaredBackup): void {
  const place = backupPlace(checkout, backup);
  if (place === undefined) return;
  for (const each of [checkout.postgres.backup, place.scratch]) makePrivateFolder(each);
  keep(join(checkout.postgres.backup, FILES.archive), archiveScript(place));
}

/** Writes the program by which a restored server asks for its log. @returns `restore_command` */
export function writeRestoreScript(folder: string, place: BackupPlace): string {
  const script = join(folder, FILES.restore);
  writePrivate(script, restoreScript(place));
  return scriptCommand(script, "%f", "%p");
}

/** Keeps the key that backups are written and read with, in the form that AWS's clients read. @returns whether it was another */
export function keepBackupKey({ postgres }: Checkout, { accessKey, secretKey }: Key): boolean {
  makePrivateFolder(postgres.backup);
  const text = `[default]\naws_access_key_id = ${accessKey}\naws_secret_access_key = ${secretKey}\n`;
  return keep(join(postgres.backup, FILES.credentials), text);
}

/** The key that is kept. @throws Error where none is */
export function backupKey({ credentials }: Pick<BackupPlace, "credentials">): Pick<Key, "accessKey" | "secretKey"> {
  const text = readFileSync(credentials, "utf8");
  const value = (name: string): string => new RegExp(`^${name} = (.*)$`, "m").exec(text)?.[1] ?? "";
  return { accessKey: value("aws_access_key_id"), secretKey: value("aws_secret_access_key") };
}

/** Writes another key over the one with which PostgreSQL archives: it reads it for each segment. @returns the file; undefined where none is kept */
export function refreshBackupKey(checkout: Checkout, key: Key): string | undefined {
  const file = join(checkout.postgres.backup, FILES.credentials);
  if (readText(file) === undefined) return undefined;
  keepBackupKey(checkout, key);
  return file;
}

/** How Barman logs in to the checkout's server: by a file, since a list of processes shows arguments. */
export function writePasswordFile({ postgres }: Checkout, port: number): Record<string, string> {
  const file = join(postgres.backup, FILES.passwords);
  const password = backupPassword(readText(postgres.key) ?? "");
  keep(file, `${HOST}:${port}:*:${BACKUP_ROLE}:${password}\n`);
  return { PGHOST: HOST, PGPORT: String(port), PGUSER: BACKUP_ROLE, PGDATABASE: "postgres", PGPASSFILE: file };
}

/** The number that initdb gave a data folder; the first eight bytes of its control file. */
function serverName(data: string): string | undefined {
  try {
    const control = readFileSync(join(data, "global", "pg_control"));
    return `local-${control.readBigUInt64LE(0)}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function keep(path: string, text: string): boolean {
  if (readText(path) === text.trim()) return false;
  writePrivate(path, text);
  return true;
}
