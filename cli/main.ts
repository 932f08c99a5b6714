import { Command, CommanderError } from "commander";
import { checkCommand } from "./check.ts";
import { cleanCommand } from "./clean.ts";
import { commentCommand } from "./comment.ts";
import { destroyCommand } from "./destroy.ts";
import { diffCommand } from "./diff.ts";
import { downCommand } from "./down.ts";
import { driftCommand } from "./drift.ts";
import { CommandError, EXIT } from "./exit.ts";
import { explainCommand } from "./explain.ts";
import { initCommand } from "./init.ts";
import { keyCommand } from "./key.ts";
import { pathCommand } from "./path.ts";
import { previewCommand } from "./preview.ts";
import { allowClosedPipe } from "./print.ts";
import { purgeCommand } from "./purge.ts";
import { recoverCommand } from "./recover.ts";
import { scanCommand } from "./scan.ts";
import { upCommand } from "./up.ts";
import { verifyCommand } from "./verify.ts";

/** Every command is one file in this folder that exports a function making its `Command`. */
function program(): Command {
  return new Command("bucketworks")
    .description("object-storage platforms as code, on MinIO")
    .addHelpText("after", "\nExit codes: 0 right, 1 findings, 2 wrong use, 3 could not look")
    .exitOverride()
    .showHelpAfterError("(bucketworks --help lists the commands)")
    .addCommand(initCommand())
    .addCommand(checkCommand())
    .addCommand(explainCommand())
    .addCommand(diffCommand())
    .addCommand(pathCommand())
    .addCommand(previewCommand())
    .addCommand(commentCommand())
    .addCommand(driftCommand())
    .addCommand(keyCommand())
    .addCommand(recoverCommand())
    .addCommand(purgeCommand())
    .addCommand(scanCommand())
    .addCommand(verifyCommand())
    .addCommand(upCommand())
    .addCommand(downCommand())
    .addCommand(destroyCommand())
    .addCommand(cleanCommand());
}

/** Runs one command line; a command answers its exit code through `process.exitCode` or `CommandError`. */
async function main(argv: readonly string[]): Promise<void> {
  const commands = program();
  for (const command of commands.commands.flatMap((each) => [each, ...each.commands])) command.exitOverride();
  try {
    await commands.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.right : EXIT.wrongUse;
    } else if (error instanceof CommandError) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = error.exitCode;
    } else {
      throw error;
    }
  }
}

allowClosedPipe();
await main(process.argv.slice(2));
