/** Key of the generated policy in a platform's access. */
export const BACKUP_POLICY = "bucket-backup";

/** The user, its policy and the scheduled job of a platform's backup. */
export function backupName(platform: string): string {
  return `${platform}-${BACKUP_POLICY}`;
}

/** The service account by whose key a backup runs. */
export function backupAccount(platform: string): string {
  return `${backupName(platform)}-job`;
}
