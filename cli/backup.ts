import { Command } from "commander";
import { listCommand } from "./backup/list.ts";
import { runCommand } from "./backup/run.ts";

/** `bucketworks backup`: backups of buckets. */
export function backupCommand(): Command {
  const backup = new Command("backup").description("backups of buckets, each version of each object");
  for (const command of [runCommand(), listCommand()]) backup.addCommand(command);
  return backup;
}
