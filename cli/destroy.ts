import { Command } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "./checkout.ts";
import { runAlone } from "./local/command.ts";
import { liveBuckets } from "./local/minio/health.ts";
import { stepMinio } from "./local/minio/start.ts";
import { bucketChanges, runEngine } from "./local/stack/deploy.ts";
import { ensureStack, recoverKilledRun } from "./local/stack/ensure.ts";
import { localEnvironment } from "./local/stack/environment.ts";
import { stackExists } from "./local/stack/kept-state.ts";
import { namedServer, refuseMove } from "./local/stack/own-or-named-server.ts";
import { counted } from "./terminal/print.ts";
import { type Progress, step } from "./terminal/progress.ts";

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
    .action((options: { quiet?: boolean }) =>
      runAlone(checkout, "destroy", options, (progress) => destroy(checkout, progress)),
    );
}

async function destroy(checkout: Checkout, progress: Progress): Promise<string> {
  if (!stackExists(checkout)) return "nothing to remove: this checkout has no stack dev";
  const named = namedServer(checkout);
  refuseMove(checkout, named);
  const ports = named === undefined ? await stepMinio(checkout, progress) : undefined;
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

function remains(kept: readonly string[]): string {
  if (kept.length === 0) return "no bucket of the stack is left on the server";
  return [
    `${counted(kept.length, "bucket")} stay on the server with all they hold (on_delete: retain):`,
    ...[...kept].sort().map((name) => `  ${name}`),
    "make up takes them back; make clean deletes them with all other local data",
  ].join("\n");
}
