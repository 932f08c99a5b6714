import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Checkout } from "../../checkout.ts";
import { CommandError, EXIT } from "../../ending/exit.ts";
import { type EngineEvent, readEvent } from "../../pulumi/events.ts";
import { runPulumiProcess } from "../../pulumi/process.ts";
import type { Progress } from "../../terminal/progress.ts";
import { isLive, liveBuckets } from "../minio/health.ts";
import type { MinioPorts } from "../minio/service.ts";
import { localEnvironment } from "./environment.ts";
import { followedBy } from "./followed-by.ts";
import { keepLocalState } from "./kept-state.ts";
import { settleManaged } from "./managed.ts";
import { STACK } from "./name.ts";

/** How many lines of an engine that failed without a message are shown. */
const LAST_LINES = 20;
const SIGNS: Readonly<Record<string, string>> = { create: "+", update: "~", delete: "-", import: "=" };

/** What the engine did to one resource; `op` is its word for it: create, update, delete ... */
export interface Change {
  readonly op: string;
  readonly type: string;
  readonly name: string;
}

export interface EngineResult {
  readonly changes: readonly Change[];
  /** How many resources were left as they were. */
  readonly same: number;
}

/**
 * Runs `pulumi up` or `destroy` on the local stack and shows its changes as they happen, one line each.
 * @param ports of the local server, asked after a failure: an engine that had no server to talk to found out nothing.
 * Undefined where the stack names another server: what was made there is not remembered as ours
 * The state is kept first.
 * @throws CommandError with the engine's own messages when it fails, Interrupted after a signal
 */
export async function runEngine(
  checkout: Checkout,
  args: readonly string[],
  progress: Progress,
  ports: MinioPorts | undefined,
): Promise<EngineResult> {
  keepLocalState(checkout);
  // What is ours without consent is settled before the program reads it.
  if (ports !== undefined) settleManaged(checkout, await liveBuckets(checkout, ports.api));
  const run = new EngineRun(progress);
  const env = localEnvironment(checkout, ports, process.env);
  const all = [...args, "--stack", STACK, "--yes", "--skip-preview", "--json"];
  // Whatever way it ended: what it did to buckets stands in the file that says which are ours.
  const remember = async (): Promise<void> => {
    if (ports === undefined) return;
    const live = await liveBuckets(checkout, ports.api).catch(() => undefined);
    settleManaged(checkout, live, bucketChanges(run.changes, "create", "update", "delete"));
  };
  const engine = () =>
    runPulumiProcess(checkout.root, env, all, (child) =>
      linesOf(child, { stdout: (line) => run.take(readEvent(line)), stderr: (line) => run.take(line) }),
    );
  const { result, fault } = await followedBy(engine, remember);
  const { changes, same } = run;
  if (result.code === 0 && fault === undefined) return { changes, same };
  const away = result.code !== 0 && ports !== undefined && !(await isLive(ports.api));
  throw engineFailure(String(args[0]), result.code, { complaints: run.complaints(), away, unremembered: fault });
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
    unremembered === undefined ? [] : [`which buckets are the stack's could not be written down: ${unremembered}`];
  if (code === 0)
    return new CommandError([`pulumi ${verb} of stack ${STACK} is done, but`, ...told].join(" "), EXIT.couldNotLook);
  const head = `pulumi ${verb} of stack ${STACK} failed${away ? ": the local server doesn't answer" : ""}`;
  return new CommandError([head, ...complaints, ...told].join("\n"), away ? EXIT.couldNotLook : EXIT.findings);
}

/** Names of the buckets to which one of these was done. */
export function bucketChanges(changes: readonly Change[], ...ops: readonly string[]): string[] {
  return changes.filter(({ op, type }) => type === "Bucket" && ops.includes(op)).map(({ name }) => name);
}

/** What one run of the engine said, gathered while it speaks. */
class EngineRun {
  readonly changes: Change[] = [];
  same = 0;
  readonly #errors = new Set<string>();
  readonly #plain: string[] = [];
  readonly #progress: Progress;

  constructor(progress: Progress) {
    this.#progress = progress;
  }

  take(event: EngineEvent | string | undefined): void {
    if (typeof event === "string") this.#plain.push(event);
    else if (event?.kind === "message" && event.severity === "error") this.#errors.add(event.text);
    else if (event?.kind === "message") this.#progress.note(`${event.severity}: ${event.text}`);
    else if (event?.kind === "summary") this.same = event.changes.same ?? 0;
    else if (event?.kind === "changed") {
      this.changes.push(event);
      this.#progress.note(`  ${SIGNS[event.op] ?? event.op} ${event.type} ${event.name}`);
    }
  }

  /** Its error messages; where it has none (it failed before its events began), its last lines. */
  complaints(): string[] {
    return this.#errors.size > 0 ? [...this.#errors].map(lostAccountSaid) : this.#plain.slice(-LAST_LINES);
  }
}

/** Gives each line as it is said, until the process has said all. */
async function linesOf(
  child: ChildProcess,
  take: Readonly<Record<"stdout" | "stderr", (line: string) => void>>,
): Promise<void> {
  const ends = (["stdout", "stderr"] as const).map((stream) => {
    const input = child[stream];
    return input === null ? undefined : once(createInterface({ input }).on("line", take[stream]), "close");
  });
  await Promise.all(ends);
}

/** The provider of identities names neither the account nor a remedy. */
export function lostAccountSaid(complaint: string): string {
  const [, name] = /^(?:[^\s/]+\/)?(\S+): .*error reading service account/s.exec(complaint) ?? [];
  if (name === undefined) return complaint;
  return `service account ${name} of the state isn't on the server any more, or can't be read; make it again with a new key: bucketworks key rotate ${name}`;
}
