import { Command } from "commander";
import { drillCommand } from "./backup/drill.ts";
import { listCommand } from "./backup/list.ts";
import { runCommand } from "./backup/run.ts";
import { verifyBackupsCommand } from "./backup/verify.ts";

/** `bucketworks backup`: backups of buckets. */
export function backupCommand(): Command {
  const backup = new Command("backup").description("backups of buckets, each version of each object");
  for (const command of [runCommand(), listCommand(), verifyBackupsCommand(), drillCommand()])
    backup.addCommand(command);
  return backup;
}
