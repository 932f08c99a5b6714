import { Command } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { runAlone } from "../local/command.ts";
import { engineFailure } from "../local/stack/deploy.ts";
import { recoverKilledRun } from "../local/stack/ensure.ts";
import { keepLocalState } from "../local/stack/kept-state.ts";
import { STACK } from "../local/stack/name.ts";
import { lookAtServer } from "../local/stack/verify-server.ts";
import { EngineRun } from "../pulumi/engine-run.ts";
import { loadTarget } from "../target/target.ts";
import { counted } from "../terminal/print.ts";
import { type Progress, step } from "../terminal/progress.ts";

const HELP = `
Runs in the initialiser of compose.yaml: deploys the stack dev on its MinIO, looks whether the server holds what it should, and
writes what each service needs into that service's volume. A second run changes nothing.

Example:
  $ bucketworks compose deploy

Exit codes: 0 done, 1 the deployment failed or the server lacks something, 3 no server`;

/** `bucketworks compose deploy`, in a container: the stack dev on the servers of Compose. */
export function deployCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("deploy")
    .description("in a container: make buckets, identities and what services need")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action((options: { quiet?: boolean }) =>
      runAlone(checkout, "compose deploy", options, (progress) => deploy(checkout, progress)),
    );
}

async function deploy(checkout: Checkout, progress: Progress): Promise<string> {
  const { env } = process;
  const recovered = await recoverKilledRun(checkout, env);
  if (recovered !== undefined) progress.note(recovered);
  const { same, changes } = await step(
    progress,
    "deploying",
    () => runUpdate(checkout, progress, env),
    (run) => `deployed: ${counted(run.changes.length, "change")}, ${run.same} unchanged`,
  );
  const target = loadTarget({ stage: STACK, files: [], env, root: checkout.root });
  const { wrong } = await step(
    progress,
    "looking at the server",
    () => lookAtServer(checkout, env, target),
    (look) => (look.wrong.length === 0 ? "the server is as the specs say" : counted(look.wrong.length, "finding")),
  );
  if (wrong.length > 0) {
    const way = "docker compose run --rm infrastructure-validator looks again";
    throw new CommandError([...wrong, `the server is not as the specs say; ${way}`].join("\n"), EXIT.findings);
  }
  const { writeServices } = await import("./documents.ts");
  const services = await writeServices(checkout, target.model, progress);
  const written = services.length === 0 ? "" : `; settings and keys written for ${services.join(", ")}`;
  return `stack ${STACK} is deployed: ${counted(changes.length + same, "resource")}${written}`;
}

/** `pulumi up` where the environment says that the server is; the state is kept first. */
async function runUpdate(checkout: Checkout, progress: Progress, env: NodeJS.ProcessEnv): Promise<EngineRun> {
  keepLocalState(checkout);
  const run = new EngineRun((line) => progress.note(line));
  const code = await run.follow(checkout.root, env, ["up", "--stack", STACK, "--yes", "--skip-preview"]);
  if (code === 0) return run;
  throw engineFailure("up", code, { complaints: run.complaints(), away: false, unremembered: undefined });
}
