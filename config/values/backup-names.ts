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

/** Key of the policy of a platform's drills. */
export const DRILL_POLICY = "backup-drill";

/** The user, its policy and the scheduled job of a platform's drills. */
export function drillName(platform: string): string {
  return `${platform}-${DRILL_POLICY}`;
}

/** The service account by whose key drills run. */
export function drillAccount(platform: string): string {
  return `${drillName(platform)}-job`;
}
