import { isWaitingNote } from "../../../provider/waiting-note.ts";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { type Change, EngineRun } from "../../pulumi/engine-run.ts";
import type { Progress } from "../../terminal/progress.ts";
import { isLive, liveBuckets } from "../minio/health.ts";
import type { MinioPorts } from "../minio/service.ts";
import { localEnvironment } from "./environment.ts";
import { followedBy } from "./followed-by.ts";
import { keepLocalState } from "./kept-state.ts";
import { settleManaged } from "./managed.ts";
import { STACK } from "./name.ts";

export interface EngineResult {
  readonly changes: readonly Change[];
  /** How many resources were left as they were. */
  readonly same: number;
}

/**
 * Runs `pulumi up` or `destroy` on the local stack and shows its changes as they happen, one line each.
 * @param ports of the local server, asked after a failure: an engine that had no server to talk to found out nothing.
 * Undefined where the stack names another server: what was made there is not remembered as ours
 * @param shell what the engine is to know besides
 * The state is kept first.
 * @throws CommandError with the engine's own messages when it fails, Interrupted after a signal
 */
export async function runEngine(
  checkout: Checkout,
  args: readonly string[],
  progress: Progress,
  ports: MinioPorts | undefined,
  shell: NodeJS.ProcessEnv = process.env,
): Promise<EngineResult> {
  keepLocalState(checkout);
  // What is ours without consent is settled before the program reads it.
  if (ports !== undefined) settleManaged(checkout, await liveBuckets(checkout, ports.api));
  // `up` looks at the server afterwards, and says once which rules wait for which tier.
  const run = new EngineRun((line) => {
    if (!isWaitingNote(line)) progress.note(line);
  });
  const env = localEnvironment(checkout, ports, shell);
  const all = [...args, "--stack", STACK, "--yes", "--skip-preview"];
  // Whatever way it ended: what it did to buckets stands in the file that says which are ours.
  const remember = async (): Promise<void> => {
    if (ports === undefined) return;
    const live = await liveBuckets(checkout, ports.api).catch(() => undefined);
    settleManaged(checkout, live, bucketChanges(run.changes, "create", "update", "delete"));
  };
  const { result: code, fault } = await followedBy(() => run.follow(checkout.root, env, all), remember);
  const { changes, same } = run;
  if (code === 0 && fault === undefined) return { changes, same };
  const away = code !== 0 && ports !== undefined && !(await isLive(ports.api));
  throw engineFailure(String(args[0]), code, { complaints: run.complaints(), away, unremembered: fault });
}

/**
 * What a run that didn't go well ends a command with.
 * @param verb `up` or `destroy`
 * @param code of the engine; 0 where only what follows it went wrong
 * @param how `unremembered` is why the file that says which buckets are ours couldn't be written
 */
export function engineFailure(
  verb: string,
  code: number,
  how: { complaints: readonly string[]; away: boolean; unremembered: string | undefined },
): CommandError {
  const { complaints, away, unremembered } = how;
  const told =
    unremembered === undefined ? [] : [`the list of the stack's buckets could not be saved: ${unremembered}`];
  if (code === 0)
    return new CommandError([`pulumi ${verb} of stack ${STACK} is done, but`, ...told].join(" "), EXIT.couldNotLook);
  const head = `pulumi ${verb} of stack ${STACK} failed${away ? ": the local server doesn't answer" : ""}`;
  return new CommandError([head, ...complaints, ...told].join("\n"), away ? EXIT.couldNotLook : EXIT.findings);
}

/** Names of the buckets to which one of these was done. */
export function bucketChanges(changes: readonly Change[], ...ops: readonly string[]): string[] {
  return changes.filter(({ op, type }) => type === "Bucket" && ops.includes(op)).map(({ name }) => name);
}
