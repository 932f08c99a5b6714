import { Command } from "commander";
import { CommandError, EXIT } from "./exit.ts";
import { type Checkout, checkoutAt, ownRoot } from "./local/checkout.ts";
import { liveBuckets } from "./local/health.ts";
import { withLock } from "./local/lock.ts";
import { Progress, step } from "./local/progress.ts";
import { type EngineResult, runEngine } from "./local/pulumi.ts";
import { HOST, type Ports } from "./local/run-record.ts";
import { startServer } from "./local/server.ts";
import { ensureStack, recoverKilledRun } from "./local/stack.ts";
import { bucketsByPlatform, summary } from "./local/summary.ts";
import { counted, print } from "./print.ts";

const HELP = `
Starts the local MinIO (or reuses it), makes the stack dev, deploys it and looks whether the server holds what it should.
A second run changes nothing. Ports: BUCKETWORKS_PORT (S3, at first 9000) and BUCKETWORKS_CONSOLE_PORT (at first 9001);
the next run remembers them.

Examples:
  $ bucketworks up
  $ make up BUCKETWORKS_PORT=9100 BUCKETWORKS_CONSOLE_PORT=9101

Exit codes: 0 up, 1 the deployment failed or the server lacks something, 2 wrong use, 3 no server`;

/** `bucketworks up`: the local platform, from nothing to deployed and looked at. */
export function upCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("up")
    .description("start the local server and deploy the stack dev on it")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(async ({ quiet = false }: { quiet?: boolean }) => {
      const progress = new Progress(quiet);
      const onWait = (text: string) => progress.note(text);
      const text = await withLock(checkout, "up", () => up(checkout, progress), { onWait });
      if (!quiet) print(text);
    });
}

async function up(checkout: Checkout, progress: Progress): Promise<string> {
  const { ports, notes } = await step(
    progress,
    "starting the local server",
    () => startServer(checkout, process.env),
    (started) => `local server ${started.how} on http://${HOST}:${started.ports.api}`,
  );
  for (const note of notes) progress.note(`  ${note}`);
  await step(
    progress,
    "making the stack dev",
    () => ensureStack(checkout),
    (made) => (made ? "stack dev made" : "stack dev is there"),
  );
  for (const note of await recoverKilledRun(checkout, ports.api)) progress.note(`  ${note}`);
  const deployed = await step(progress, "deploying", () => deploy(checkout, progress, ports), deploymentLine);
  const platforms = bucketsByPlatform(deployed.outputs);
  const wanted = [...platforms.values()].flat();
  await step(
    progress,
    "looking at the server",
    () => requireBuckets(checkout, ports, wanted),
    () => `the server holds ${counted(wanted.length, "bucket")} of the stack`,
  );
  return summary(checkout, ports, platforms);
}

/** Refreshes with the program's own settings first, so that what was changed by hand is seen and put right. */
function deploy(checkout: Checkout, progress: Progress, ports: Ports): Promise<EngineResult> {
  return runEngine(checkout, ["up", "--refresh", "--run-program"], progress, ports.api);
}

function deploymentLine({ changes, same }: EngineResult): string {
  return changes.length === 0
    ? `deployed: nothing to change, ${counted(same, "resource")}`
    : `deployed: ${counted(changes.length, "change")}, ${same} unchanged`;
}

async function requireBuckets(checkout: Checkout, ports: Ports, wanted: readonly string[]): Promise<void> {
  const live = await liveBuckets(checkout, ports.api);
  const missing = wanted.filter((name) => !live.has(name));
  if (missing.length === 0) return;
  throw new CommandError(
    `http://${HOST}:${ports.api}: the stack says these buckets exist, the server doesn't hold them: ${missing.join(", ")}; run make up again`,
    EXIT.findings,
  );
}
