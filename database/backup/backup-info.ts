/** What Barman writes beside a base backup, `backup.info`: a line `name=value` for each field. */
export interface BackupInfo {
  /** All of it is stored. */
  readonly isWhole: boolean;
  /** From which on every moment can be restored from it; null where it doesn't tell. */
  readonly end: Date | null;
}

/** Reads `backup.info`. Fields that we don't ask for are left out. */
export function readBackupInfo(text: string): BackupInfo {
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1]?.trim() ?? "";
  // Python's form of an instant: a space, microseconds, `+00:00`.
  const end = Date.parse(value("end_time").replace(" ", "T"));
  return { isWhole: value("status") === "DONE", end: Number.isNaN(end) ? null : new Date(end) };
}
