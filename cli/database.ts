import { Command } from "commander";
import { backupCommand } from "./database/backup.ts";
import { drillCommand } from "./database/drill.ts";
import { listCommand } from "./database/list.ts";
import { restoreCommand } from "./database/restore.ts";

/** `bucketworks database`: backups of the stack's PostgreSQL, to any moment. */
export function databaseCommand(): Command {
  const database = new Command("database").description("backups of PostgreSQL: make, list, restore to a moment, drill");
  for (const each of [backupCommand(), listCommand(), restoreCommand(), drillCommand()]) database.addCommand(each);
  return database;
}
