import type { StatePlaces } from "../../toolchain/state/state-files.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import type { KilledRun, Orphans } from "./accounts.ts";
import { importState } from "./import-state.ts";
import { killedRun } from "./killed-run.ts";
import { settlePendingDeletes } from "./pending-deletes.ts";
import { breakLock, brokenText, isDead, type StackLock, settledLocks, stackLocks } from "./pulumi-lock.ts";
import {
  CLOCK_TOLERANCE_MS,
  type Deployment,
  type Existing,
  pendingBuckets,
  pendingUsers,
  planRecovery,
  type Recovery,
} from "./recovery-plan.ts";

/** The stack to recover, and how to reach what recovery needs. */
export interface RecoveryContext {
  readonly project: string;
  readonly stack: string;
  /** Value of PULUMI_BACKEND_URL. */
  readonly backend: string;
  /** Runs a pulumi command and answers what it prints. */
  readonly pulumi: (args: readonly string[]) => Promise<string>;
  /** What is on the server, of users only these, and which of these buckets hold something; asked only when a creation is pending. */
  readonly existing: (users: readonly string[], buckets: readonly string[]) => Promise<Existing>;
  readonly removeUsers: (names: readonly string[]) => Promise<void>;
  /** Where the state lies in the checkout's own backend. Undefined for any other: nobody here can judge its locks. */
  readonly places: StatePlaces | undefined;
  /** Ends service accounts that a killed run left, where `prove` proves it; asked for every state that has users. */
  readonly endOrphans: (deployment: Deployment, prove: () => KilledRun | undefined) => Promise<Orphans>;
}

export type Recovered = Omit<Recovery, "deployment"> &
  Orphans & {
    /** Locks of dead processes, broken. */
    readonly broken: readonly StackLock[];
    /** Buckets whose pending deletion was taken out of the state. */
    readonly kept: readonly string[];
  };

const NOTHING = { takenOver: [], notMade: [], older: [], inUse: [], unproved: [], again: [], halfMade: [] };
const NOBODY: Existing = { buckets: new Map(), users: new Set(), bare: new Set() };

/**
 * Brings a stack back after a run that was killed: breaks the lock of a dead process and settles what that run left
 * pending, and deletions of buckets that are pending without end. On the server it changes one kind of thing: users and
 * service accounts that the killed run had just made, whose secret nobody has, are removed.
 * @throws CommandError when a live process holds the stack
 */
export async function recoverStack(context: RecoveryContext): Promise<Recovered> {
  const { stack, pulumi } = context;
  const locks = await locksOfTheDead(context);
  const began = beginningOf(locks, Date.now());
  const exported = JSON.parse(await pulumi(["stack", "export", "--stack", stack])) as { deployment?: Deployment };
  const { kept, deployment: settled } = settlePendingDeletes(exported.deployment ?? {});
  const pending = settled.pending_operations ?? [];
  if (pending.length === 0 && kept.length === 0) {
    locks.forEach(breakLock);
    const orphans = await afterBreaking(
      locks,
      context.endOrphans(settled, () => undefined),
    );
    return { ...NOTHING, ...orphans, kept, broken: locks };
  }
  // The dead lock stays until then: with it no other run can begin.
  const orphans = await context.endOrphans(settled, () => proofOf(context, locks, began));
  const unsure = began === undefined ? pendingBuckets(settled) : [];
  const existing = pending.length === 0 ? NOBODY : await context.existing(pendingUsers(settled), unsure);
  const { deployment, ...plan } = planRecovery(settled, existing, began);
  await context.removeUsers(plan.halfMade);
  locks.forEach(breakLock);
  await importState({ ...exported, deployment }, (file) =>
    pulumi(["stack", "import", "--stack", stack, "--file", file]),
  );
  return { ...plan, ...orphans, kept, broken: locks };
}

/** What the locks and the state prove now, just before something is ended. @throws CommandError when a run has begun meanwhile */
function proofOf(
  { places, backend, project, stack }: RecoveryContext,
  dead: readonly StackLock[],
  began: Date | undefined,
): KilledRun | undefined {
  if (places === undefined || began === undefined) return undefined;
  const now = stackLocks(backend, project, stack);
  const alive = now.find((lock) => !isDead(lock));
  if (alive) throw inUse(stack, alive);
  const same = now.length === dead.length && now.every(({ file }) => dead.some((lock) => lock.file === file));
  return same ? killedRun(places, began) : undefined;
}

/** Says with a fault what had been done before it. */
async function afterBreaking<T>(locks: readonly StackLock[], work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof CommandError) || locks.length === 0) throw error;
    throw new CommandError([...locks.map(brokenText), error.message].join("\n"), error.exitCode);
  }
}

/**
 * When the killed run began. Unknown without a lock, with one that was cut off, and with one from a time to come: then a
 * clock was set back since, and what the run made looks older than the run.
 * @param now milliseconds since 1970
 */
export function beginningOf(locks: readonly StackLock[], now: number): Date | undefined {
  const times = locks.map(({ since }) => since.getTime());
  const whole = locks.length > 0 && locks.every(({ pid }) => pid !== undefined);
  const known = whole && times.every((time) => time > 0 && time <= now + CLOCK_TOLERANCE_MS);
  return known ? new Date(Math.min(...times)) : undefined;
}

/**
 * The locks that dead processes have left on a stack.
 * @throws CommandError when a live process holds it
 */
export async function locksOfTheDead({
  backend,
  project,
  stack,
}: Pick<RecoveryContext, "backend" | "project" | "stack">): Promise<StackLock[]> {
  const locks = await settledLocks(backend, project, stack);
  const alive = locks.find((lock) => !isDead(lock));
  if (alive) throw inUse(stack, alive);
  return locks;
}

function inUse(stack: string, { pid, hostname, since, file }: StackLock): CommandError {
  if (pid === undefined) {
    const written = `${file}: says nothing yet, written ${since.toISOString()}`;
    const fix = "another machine may be writing it; try again in a minute. If nothing runs there, remove the file";
    return new CommandError(`stack ${stack} may be in use: ${written}; ${fix}`, EXIT.couldNotLook);
  }
  const holder = `process ${pid} on ${hostname} since ${since.toISOString()}`;
  const message = `stack ${stack} is in use by ${holder}; wait for it to end. If that machine is gone for good, remove ${file}`;
  return new CommandError(message, EXIT.couldNotLook);
}
