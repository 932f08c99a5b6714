import { Command } from "commander";
import { issueCommand } from "./key/issue.ts";
import { listCommand } from "./key/list.ts";
import { revokeCommand } from "./key/revoke.ts";
import { rotateCommand } from "./key/rotate.ts";
import { showCommand } from "./key/show.ts";

/** `bucketworks key`: keys of users and service accounts. */
export function keyCommand(): Command {
  const key = new Command("key").description("keys of users and service accounts");
  for (const command of [showCommand(), listCommand(), rotateCommand(), issueCommand(), revokeCommand()])
    key.addCommand(command);
  return key;
}
