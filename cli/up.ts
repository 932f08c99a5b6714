import { Command } from "commander";
import { databasePlan } from "../builders/postgres/database-plan.ts";
import { declaredBackup } from "../builders/postgres/declared-backup.ts";
import type { DatabaseBackup, ResolvedModel } from "../config/model.ts";
import { waitingLines } from "../live/bucket-words.ts";
import { type Checkout, checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { identityResources } from "./key/identity-resources.ts";
import { lostFormerKeys, lostIdentities, updatesFor } from "./key/lost-identities.ts";
import { keysIn, type StackKeys } from "./key/stack-keys.ts";
import { runAlone } from "./local/command.ts";
import type { MinioPorts } from "./local/minio/service.ts";
import { stepMinio } from "./local/minio/start.ts";
import { isUnsettled } from "./local/postgres/service.ts";
import { type EngineResult, runEngine } from "./local/stack/deploy.ts";
import { ensureStack, recoverKilledRun } from "./local/stack/ensure.ts";
import { localEnvironment } from "./local/stack/environment.ts";
import { stateComplaint } from "./local/stack/kept-state.ts";
import { STACK } from "./local/stack/name.ts";
import { namedServer, refuseMove } from "./local/stack/own-or-named-server.ts";
import { summary, summaryElsewhere } from "./local/stack/summary.ts";
import { type Look, lookAtServer } from "./local/stack/verify-server.ts";
import { forgetKeys } from "./rotate/forget.ts";
import { loadTarget, type Target } from "./target/target.ts";
import { counted } from "./terminal/print.ts";
import { type Progress, step } from "./terminal/progress.ts";

const HELP = `
Starts the local MinIO (or reuses it), makes the stack dev, deploys it and looks whether the server holds what it should.
Where the stack dev names a server of its own (pulumi config set bucketworks:endpoint HOST:PORT, and --secret
rootUser and rootPassword), none is started and it is deployed there.
A second run changes nothing. Ports: BUCKETWORKS_PORT (S3, at first 9000) and BUCKETWORKS_CONSOLE_PORT (at first 9001);
the next run remembers them. Where a platform has a database, PostgreSQL runs beside it (BUCKETWORKS_POSTGRES_PORT, at first
the next free one from 5555 on) and gets the platforms' migrations.

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
    .action((options: { quiet?: boolean }) =>
      runAlone(checkout, "up", options, (progress) => bringUp(checkout, progress)),
    );
}

/** What is deployed instead of the specs. */
export interface Instead {
  readonly model: ResolvedModel;
  /** Arguments of the engine besides. */
  readonly args: readonly string[];
  /** A shell in which the engine finds that model. */
  readonly shell: NodeJS.ProcessEnv;
  /** Decides, once the server runs and the stack is settled, whether `deploy` is called. @returns the last words */
  readonly attend: (env: NodeJS.ProcessEnv, target: Target, deploy: () => Promise<string>) => Promise<string>;
}

/** Everything of `bucketworks up`, by the one run that has the checkout's lock. @returns its last words */
export async function bringUp(checkout: Checkout, progress: Progress, instead?: Instead): Promise<string> {
  const named = namedServer(checkout);
  refuseMove(checkout, named);
  const ports = named === undefined ? await stepMinio(checkout, progress) : undefined;
  await step(
    progress,
    "making the stack dev",
    () => ensureStack(checkout),
    (made) => (made ? "stack dev made" : "stack dev is there"),
  );
  const env = localEnvironment(checkout, ports, instead?.shell ?? process.env);
  const specs = loadTarget({ stage: STACK, files: [], env, root: checkout.root });
  const target = instead === undefined ? specs : { ...specs, model: instead.model };
  const recovered = await recoverKilledRun(checkout, env);
  if (recovered !== undefined) progress.note(recovered);
  const deploy = async () => {
    const backup = declaredBackup(target.model.platforms);
    const databases = ports === undefined ? undefined : await startDatabases(checkout, progress, target, backup);
    const look = await settle({ checkout, progress, ports, env, target, args: instead?.args ?? [] });
    if (databases !== undefined && backup !== undefined) {
      const keys = look.outputs && keysIn(look.outputs, { root: checkout.root, stack: STACK, model: specs.model });
      await handOverBackupKey({ checkout, backup, keys }, progress);
    }
    for (const line of waitingLines(look.waiting)) progress.note(`  ${line}`);
    return ports === undefined ? summaryElsewhere(checkout, target) : summary(checkout, ports, target.model, databases);
  };
  return instead === undefined ? deploy() : instead.attend(env, target, deploy);
}

/**
 * PostgreSQL with the platforms' databases. Where no platform has one any more, the one that is there still lets nobody in.
 * @returns its port; undefined where no platform has one
 */
async function startDatabases(
  checkout: Checkout,
  progress: Progress,
  { model, server }: Target,
  declared: DatabaseBackup | undefined,
): Promise<number | undefined> {
  const plan = databasePlan(model);
  const isNeeded = plan.databases.length > 0;
  if (!isNeeded && !isUnsettled(checkout)) return undefined;
  const { stepDatabases } = await import("./local/postgres/start.ts");
  const backup = declared && { ...declared, region: server.region };
  const port = await stepDatabases(checkout, plan, progress, backup);
  return isNeeded ? port : undefined;
}

/**
 * The log waits in PostgreSQL until the account that archives it is there, at the end of the first run, and what archives it, which
 * a machine without the index of Python's packages can't get: nothing else needs that.
 */
async function handOverBackupKey(
  { checkout, backup, keys }: { checkout: Checkout; backup: DatabaseBackup; keys: StackKeys | undefined },
  progress: Progress,
): Promise<void> {
  const { ensureBarman, handOverKey } = await import("./database/prepare.ts");
  try {
    await ensureBarman({ checkout }, (line) => progress.note(line));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    progress.note(`PostgreSQL's log isn't archived, and waits in its data: ${error.message}; make up tries it again`);
    return;
  }
  if (await handOverKey({ checkout, backup, keys }))
    progress.note(
      `PostgreSQL archives its log in bucket ${backup.bucket}; now make a base backup: bucketworks database backup`,
    );
}

interface Deployment {
  readonly checkout: Checkout;
  readonly progress: Progress;
  /** Of the local server; undefined where the stack names another one. */
  readonly ports: MinioPorts | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly target: Target;
  /** Of the engine, besides. */
  readonly args: readonly string[];
}

/**
 * Deploys, and looks whether the server is as the specs say. Only where it isn't is every resource read first: that
 * is several times slower, and a second run finds nothing to do.
 */
async function settle({ checkout, progress, ports, env, target, args }: Deployment): Promise<Look> {
  const deploy = (...options: string[]) =>
    step(
      progress,
      "deploying",
      () => runEngine(checkout, ["up", ...args, ...options], progress, ports, env),
      deploymentLine,
    );
  const look = () =>
    step(
      progress,
      "looking at the server",
      () => lookAtServer(checkout, env, target),
      (look) => lookLine(target.model, look),
    );
  const first = await deploy().then(look, (error: unknown) => {
    if (!(error instanceof CommandError && error.exitCode === EXIT.findings)) throw error;
    // A second run would build upon what is left of the state, and hide why the first one failed.
    const state = stateComplaint(checkout.root, STACK);
    if (state !== undefined) throw new CommandError(`${error.message}\n${state}`, EXIT.couldNotLook);
    return undefined;
  });
  if (first?.wrong.length === 0) return first;
  for (const line of first?.wrong ?? []) progress.note(`  ${line}`);
  const known = await identityResources(checkout.root, env, STACK);
  const lostFormers = await lostFormerKeys(known, target.server);
  if (lostFormers.length > 0) {
    progress.note(`  gone from the server, forgotten by the state: ${counted(lostFormers.length, "former key")}`);
    await forgetKeys({ root: checkout.root, env, stack: STACK }, lostFormers);
  }
  const lost = await lostIdentities(known, target.server);
  if (lost.length > 0) {
    const names = lost
      .map(({ identity }) => identity)
      .sort()
      .join(", ");
    progress.note(`  gone from the server, made again with new keys: ${names}`);
    for (const options of updatesFor(lost)) await deploy(...options);
  }
  progress.note("reading the server and fixing what differs");
  await deploy("--refresh", "--run-program");
  const second = await look();
  if (second.wrong.length === 0) return second;
  throw new CommandError(
    [...second.wrong, "the server is not as the specs say; bucketworks verify looks again"].join("\n"),
    EXIT.findings,
  );
}

function lookLine({ platforms }: ResolvedModel, { identities, wrong }: Look): string {
  if (wrong.length > 0) return `the server is not as the specs say: ${counted(wrong.length, "finding")}`;
  const tried = `${counted(identities.identities, "identity")} tried ${identities.tries} times`;
  return `the server is as the specs say: ${counted(bucketCount(platforms), "bucket")}, ${tried}`;
}

function deploymentLine({ changes, same }: EngineResult): string {
  return changes.length === 0
    ? `deployed: nothing to change, ${counted(same, "resource")}`
    : `deployed: ${counted(changes.length, "change")}, ${same} unchanged`;
}

function bucketCount(platforms: ResolvedModel["platforms"]): number {
  return platforms.reduce((count, { buckets }) => count + buckets.length, 0);
}
