import { Command } from "commander";
import { listCommand } from "./key/list.ts";
import { rotateCommand } from "./key/rotate.ts";
import { showCommand } from "./key/show.ts";

/** `bucketworks key`: keys of users and service accounts. */
export function keyCommand(): Command {
  const key = new Command("key").description("keys of users and service accounts");
  for (const command of [showCommand(), listCommand(), rotateCommand()]) key.addCommand(command);
  return key;
}
