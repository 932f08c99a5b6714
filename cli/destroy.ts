import { Command } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "./checkout.ts";
import { bucketChanges, runEngine } from "./local/deploy.ts";
import { localEnvironment } from "./local/environment.ts";
import { liveBuckets } from "./local/health.ts";
import { stackExists } from "./local/kept-state.ts";
import { withLock } from "./local/lock.ts";
import { namedServer, refuseMove } from "./local/named-server.ts";
import { HOST, type Ports } from "./local/run-record.ts";
import { startServer } from "./local/server.ts";
import { ensureStack, recoverKilledRun } from "./local/stack.ts";
import { counted, print } from "./terminal/print.ts";
import { Progress, step } from "./terminal/progress.ts";

const HELP = `
Removes what the stack dev made, as each bucket's on_delete says: retain keeps the bucket and all it holds on the server,
delete_if_empty removes it, or refuses when it holds anything. No object is ever deleted; make clean does that.
The local server is started when it isn't running, and left running; a server that the stack names is only asked.

Example:
  $ bucketworks destroy

Exit codes: 0 removed, 1 something refused to go, 3 no server`;

/** `bucketworks destroy`: the stack goes, retained buckets stay. */
export function destroyCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("destroy")
    .description("remove the stack dev; retained buckets and all objects stay on the server")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(async ({ quiet = false }: { quiet?: boolean }) => {
      const progress = new Progress(quiet);
      const onWait = (text: string) => progress.note(text);
      const text = await withLock(checkout, "destroy", () => destroy(checkout, progress), { onWait });
      if (!quiet) print(text);
    });
}

async function destroy(checkout: Checkout, progress: Progress): Promise<string> {
  if (!stackExists(checkout)) return "nothing to remove: this checkout has no stack dev";
  const named = namedServer(checkout);
  refuseMove(checkout, named);
  const ports = named === undefined ? await start(checkout, progress) : undefined;
  await ensureStack(checkout);
  const recovered = await recoverKilledRun(checkout, localEnvironment(checkout, ports, process.env));
  if (recovered !== undefined) progress.note(recovered);
  const { changes } = await step(
    progress,
    "removing the stack dev",
    () => runEngine(checkout, ["destroy", "--run-program"], progress, ports),
    (result) => `stack dev removed: ${counted(result.changes.length, "resource")}`,
  );
  const gone = bucketChanges(changes, "delete");
  if (ports === undefined)
    return `what on_delete: retain kept stays on ${named}; adopt: true in its spec takes it back`;
  const live = await liveBuckets(checkout, ports.api);
  return remains(gone.filter((name) => live.has(name)));
}

async function start(checkout: Checkout, progress: Progress): Promise<Ports> {
  const { ports } = await step(
    progress,
    "starting the local server",
    () => startServer(checkout, process.env),
    (started) => `local server ${started.how} on http://${HOST}:${started.ports.api}`,
  );
  return ports;
}

function remains(kept: readonly string[]): string {
  if (kept.length === 0) return "no bucket of the stack is left on the server";
  return [
    `${counted(kept.length, "bucket")} stay on the server with all they hold (on_delete: retain):`,
    ...[...kept].sort().map((name) => `  ${name}`),
    "make up takes them back; make clean deletes them with all other local data",
  ].join("\n");
}
