/** How a command that knows no stack is told of the other server that backups go to. */
export const BACKUP_TARGET = {
  url: "BACKUP_TARGET_URL",
  accessKey: "BACKUP_TARGET_ACCESS_KEY",
  secretKey: "BACKUP_TARGET_SECRET_KEY",
  region: "BACKUP_TARGET_REGION",
  caFile: "BACKUP_TARGET_CA_FILE",
} as const;
