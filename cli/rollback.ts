import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { temporaryFolder } from "../toolchain/temporary-folder.ts";
import { audited } from "./audit-log.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { stackUpdates } from "./history.ts";
import { runAlone } from "./local/command.ts";
import { STACK } from "./local/stack/name.ts";
import { EngineRun } from "./pulumi/engine-run.ts";
import { isLocalStack, policyArguments } from "./pulumi/policy-pack.ts";
import { recover } from "./recover.ts";
import { judgeRollback, type Plan } from "./rollback/judge.ts";
import { type Wanted, wantedUpdate } from "./rollback/wanted.ts";
import { afterwards } from "./rollback/ways-back.ts";
import { readStackFile } from "./stack-file.ts";
import { loadTarget } from "./target/target.ts";
import { ask } from "./terminal/ask.ts";
import { counted, print } from "./terminal/print.ts";
import type { Progress } from "./terminal/progress.ts";
import { bringUp } from "./up.ts";

interface Options {
  readonly stack: string;
  readonly to: string;
  readonly yesRollBack?: string;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
}

const HELP = `
Deploys what an earlier update deployed: the model that the state kept of it, not the specs of this checkout. It shows first
what would change, as bucketworks comment does, and asks for the number or id (scripts: --yes-roll-back N). It is an update as any
other: the stack dev as bucketworks up makes it, another stack with the policies that make deploy judges by. A bucket that would
be deleted while it holds anything, or that is protected, refuses all of it before anything is changed. After an interruption
run it again. It can't bring back objects, nor what a migration dropped; it doesn't touch the specs, which the next up deploys.

Examples:
  $ bucketworks history
  $ bucketworks rollback --to 3 --dry-run
  $ bucketworks rollback --to dk5f0w3m9x1c --stack production --yes-roll-back dk5f0w3m9x1c

Exit codes: 0 rolled back, nothing to change, or shown, 1 refused or the deployment failed, 2 no consent or wrong use (no such
update, or one whose model isn't kept), 3 the state or the server can't be asked`;

/** `bucketworks rollback --to N`: the stack as an earlier update left it. */
export function rollbackCommand(): Command {
  return new Command("rollback")
    .description("deploy again what an earlier update of a stack deployed (shows the changes and asks first)")
    .requiredOption("--to <update>", "the update, by its number or id in bucketworks history", updateName)
    .option("-s, --stack <name>", "the stack", STACK)
    .option("--dry-run", "only show what would change")
    .option("--yes-roll-back <update>", "roll back without asking, for scripts; the same once more", updateName)
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(rollback);
}

async function rollback(options: Options): Promise<void> {
  const { stack, to, yesRollBack, quiet = false } = options;
  if (yesRollBack !== undefined && yesRollBack !== to) {
    throw refused(`--yes-roll-back names another update, ${yesRollBack}; give the same twice`);
  }
  const root = ownRoot();
  const wanted = await wantedUpdate(await stackUpdates(root, process.env, stack), stack, to);
  const folder = temporaryFolder(tmpdir(), "bucketworks-rollback-");
  try {
    const file = join(folder, "model.json");
    writeFileSync(file, JSON.stringify(wanted.model), { mode: 0o600 });
    const shell = { ...process.env, BUCKETWORKS_KEPT_MODEL: file };
    const run = { ...options, root, shell, wanted, quiet };
    const isLocal = isLocalStack(root, process.env, stack);
    await runAlone(checkoutAt(root), "rollback", { quiet }, (progress) =>
      (isLocal ? locally : elsewhere)(run, progress),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Run extends Options {
  readonly root: string;
  /** Names the file of the kept model. */
  readonly shell: NodeJS.ProcessEnv;
  readonly wanted: Wanted;
  readonly quiet: boolean;
}

/** The stack dev, as `up` makes it. @returns the last words */
function locally(run: Run, progress: Progress): Promise<string> {
  const { root, shell, wanted } = run;
  return bringUp(checkoutAt(root), progress, {
    ...{ model: wanted.model, shell, args: messageOf(run) },
    attend: (env, { server }, deploy) => attend(run, { env, server, args: [] }, deploy),
  });
}

/** Any other stack, as `make deploy` does. @returns the last words */
async function elsewhere(run: Run, progress: Progress): Promise<string> {
  const { root, shell, stack, wanted } = run;
  await recover(root, stack, process.env);
  const { server } = loadTarget({ stage: stack, files: [], env: process.env, root });
  const args = policyArguments(root, wanted.model.stage);
  return attend(run, { env: shell, server, args }, async () => {
    const engine = new EngineRun((line) => progress.note(line));
    const up = ["up", "--stack", stack, "--yes", "--skip-preview", ...args, ...messageOf(run)];
    if ((await engine.follow(root, shell, up)) === 0) return `deployed: ${counted(engine.changes.length, "change")}`;
    throw new CommandError([`pulumi up of stack ${stack} failed`, ...engine.complaints()].join("\n"), EXIT.findings);
  });
}

/** Shows what would change, asks, and deploys. @returns the last words */
async function attend(
  run: Run,
  how: Pick<Plan, "env" | "server" | "args">,
  deploy: () => Promise<string>,
): Promise<string> {
  const { root, stack, to, dryRun, quiet, wanted } = run;
  const head = `rollback of stack ${stack} to update ${to}`;
  const plan = { root, stack, now: wanted.now, model: wanted.model, ...how };
  const hasChanges = await judgeRollback(plan, (text) => quiet || print(`${head}\n${text}`));
  if (!hasChanges) return `stack ${stack} is as update ${to} left it; nothing to change`;
  const last = afterwards(wanted, readStackFile(root, stack).platformsDir);
  if (dryRun === true) return ["nothing was changed (--dry-run); a rollback can't do all:", ...last].join("\n");
  await requireConsent(run);
  const deed = { action: "stack.rollback", object: `${stack}/update/${wanted.update.id}` };
  const done = await audited(checkoutAt(root), deed, deploy);
  return [done, `stack ${stack} is as update ${to} left it`, ...last].join("\n");
}

function messageOf({ wanted }: Pick<Run, "wanted">): string[] {
  return ["--message", `rollback to update ${wanted.update.id}`];
}

async function requireConsent({ to, yesRollBack }: Options): Promise<void> {
  if (yesRollBack !== undefined) return;
  if (!process.stdin.isTTY) {
    const how = `bucketworks rollback --to ${to} --yes-roll-back ${to}`;
    throw refused(`can't ask: standard input isn't a terminal; in scripts use ${how}`);
  }
  if ((await ask(`type ${to} to roll back to that update: `)) !== to) throw refused("not confirmed");
}

function refused(reason: string): CommandError {
  return new CommandError(`rollback: ${reason}; nothing was changed`, EXIT.wrongUse);
}

/** A number has nine digits at most, an id twelve characters. */
function updateName(text: string): string {
  if (!/^([1-9]\d{0,8}|[0-9a-z]{11,13})$/.test(text))
    throw new InvalidArgumentError("must be the number or the id of an update, see bucketworks history.");
  return text;
}
