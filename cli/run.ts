import { setImmediate } from "node:timers/promises";
import { Command, Option } from "commander";
import { plainLines } from "../config/text/plain.ts";
import { ownRoot } from "./checkout.ts";
import { endingOf } from "./ending/error-to-exit.ts";
import { interruption } from "./ending/signals.ts";
import { listed, readIndex } from "./help/index.ts";
import { takeStageOrStack } from "./target/stage-or-stack.ts";
import { takeJson } from "./terminal/json-option.ts";
import { print, tell } from "./terminal/print.ts";
import { refuseOtherCheckout } from "./terminal/shell-checkout.ts";

/** Every command is one file in this folder that exports a function making its `Command`. In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import("./init.ts")).initCommand(),
  "import-server": async () => (await import("./import-server.ts")).importServerCommand(),
  check: async () => (await import("./check.ts")).checkCommand(),
  explain: async () => (await import("./explain.ts")).explainCommand(),
  diff: async () => (await import("./diff.ts")).diffCommand(),
  path: async () => (await import("./path.ts")).pathCommand(),
  preview: async () => (await import("./preview.ts")).previewCommand(),
  comment: async () => (await import("./comment.ts")).commentCommand(),
  drift: async () => (await import("./drift.ts")).driftCommand(),
  history: async () => (await import("./history.ts")).historyCommand(),
  rollback: async () => (await import("./rollback.ts")).rollbackCommand(),
  key: async () => (await import("./key.ts")).keyCommand(),
  rotate: async () => (await import("./rotate.ts")).rotateCommand(),
  doctor: async () => (await import("./doctor.ts")).doctorCommand(),
  recover: async () => (await import("./recover.ts")).recoverCommand(),
  export: async () => (await import("./export.ts")).exportCommand(),
  rebuild: async () => (await import("./rebuild.ts")).rebuildCommand(),
  purge: async () => (await import("./purge.ts")).purgeCommand(),
  cleanup: async () => (await import("./cleanup.ts")).cleanupCommand(),
  backup: async () => (await import("./backup.ts")).backupCommand(),
  buckets: async () => (await import("./buckets.ts")).bucketsCommand(),
  restore: async () => (await import("./restore.ts")).restoreCommand(),
  fleet: async () => (await import("./fleet.ts")).fleetCommand(),
  scan: async () => (await import("./scan.ts")).scanCommand(),
  verify: async () => (await import("./verify.ts")).verifyCommand(),
  report: async () => (await import("./report.ts")).reportCommand(),
  monitor: async () => (await import("./monitor.ts")).monitorCommand(),
  migrate: async () => (await import("./migrate.ts")).migrateCommand(),
  database: async () => (await import("./database.ts")).databaseCommand(),
  forward: async () => (await import("./forward.ts")).forwardCommand(),
  up: async () => (await import("./up.ts")).upCommand(),
  services: async () => (await import("./services.ts")).servicesCommand(),
  logs: async () => (await import("./logs.ts")).logsCommand(),
  rollout: async () => (await import("./rollout.ts")).rolloutCommand(),
  models: async () => (await import("./models.ts")).modelsCommand(),
  experiment: async () => (await import("./experiment.ts")).experimentCommand(),
  feature: async () => (await import("./feature.ts")).featureCommand(),
  compose: async () => (await import("./compose.ts")).composeCommand(),
  down: async () => (await import("./down.ts")).downCommand(),
  destroy: async () => (await import("./destroy.ts")).destroyCommand(),
  clean: async () => (await import("./clean.ts")).cleanCommand(),
  completion: async () => (await import("./completion.ts")).completionCommand(everyCommand),
};

const VERSION = ["-V", "--version"];

/** The whole program with every command loaded: what help, completion and the man page are made of. */
export async function everyCommand(): Promise<Command> {
  return program(await Promise.all(Object.values(COMMANDS).map((load) => load())));
}

/** Only the command that is asked for is loaded, and for the list of all none that `make docs` has described. */
async function loaded(name: string | undefined): Promise<Command[]> {
  const asked = name !== undefined && Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS);
  const described = asked.length > 1 ? readIndex(ownRoot()) : [];
  const commands = asked.map(async (each) => {
    const known = described.find((one) => one.name === each);
    return known === undefined ? await COMMANDS[each]?.() : listed(known);
  });
  return (await Promise.all(commands)).filter((each) => each !== undefined);
}

function program(all: readonly Command[]): Command {
  const commands = new Command("bucketworks")
    .description("object-storage platforms as code, on MinIO")
    .addHelpText(
      "after",
      "\nExit codes: 0 right, 1 findings, 2 wrong use, 3 could not look; ended by a signal: 130 Ctrl-C, 143 SIGTERM, 129 SIGHUP",
    )
    .addOption(new Option(VERSION.join(", "), "version, commit, plugins and server"))
    .enablePositionalOptions()
    .showHelpAfterError("(bucketworks --help lists the commands)");
  for (const each of all) commands.addCommand(each);
  for (const command of [commands, ...commands.commands.flatMap((each) => [each, ...each.commands])]) {
    takeStageOrStack(command);
    takeJson(command);
    command.exitOverride().configureOutput({ outputError: (text, write) => write(plainLines(text)) });
  }
  return commands;
}

/** Runs one command line; a command answers its exit code through `process.exitCode` or `CommandError`. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    const [name] = argv;
    if (name !== undefined && VERSION.includes(name)) return await printVersion();
    // As git has it: help of one command, which is loaded for it.
    if (name === "help" && Object.hasOwn(COMMANDS, argv[1] ?? "")) return await run([...argv.slice(1), "--help"]);
    if (name !== undefined && Object.hasOwn(COMMANDS, name)) {
      refuseOtherCheckout(name, ownRoot(), { folder: process.cwd(), env: process.env });
    }
    const commands = program(await loaded(name));
    await commands.parseAsync([...argv], { from: "user" });
  } catch (error) {
    // A signal that came while a call blocked us is heard by now.
    await setImmediate();
    end(error, argv[0]);
  }
}

async function printVersion(): Promise<void> {
  const { versionsAt, versionText } = await import("./version.ts");
  print(versionText(versionsAt(ownRoot())));
}

/** Says what a command threw, and sets the exit code. */
export function end(error: unknown, command?: string): void {
  const { text, exitCode } = endingOf(error, undefined, command);
  if (text !== "") tell(text);
  process.exitCode = exitCode;
  // What else was under way, a request for example, isn't waited for.
  if (interruption().aborted) process.exit();
}
