import { Command } from "commander";
import type { ResolvedModel } from "../config/model.ts";
import { backendUrl } from "../config/stack/backend.ts";
import { projectName, statePlaces } from "../toolchain/state/state-files.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { withLock } from "./local/checkout-lock.ts";
import { isOwnBackend } from "./local/stack/kept-state.ts";
import { askPulumi } from "./pulumi/run-pulumi.ts";
import { usersIn } from "./recovery/accounts.ts";
import { type Names, offerCopy, offerText, takeCopy } from "./recovery/lost-state.ts";
import { breakLock, brokenText } from "./recovery/pulumi-lock.ts";
import { locksOfTheDead, type Recovered, recoverStack } from "./recovery/recover-stack.ts";
import { loadTarget } from "./target/target.ts";
import { ask } from "./terminal/ask.ts";
import { counted, print } from "./terminal/print.ts";

/** What it means where the server can't be asked. */
const FAILED = "nothing was recovered";

const HELP = `
After a pulumi run was killed: breaks the lock that its dead process left, and takes the buckets that it was just making
into the state; pulumi up then finishes the work. Users and service accounts that a killed run had just made, whose
secret nobody has, are removed from the server: only where the state, the killed run's own and no copy of it, has their
creation pending, and only on this checkout's own backend. Other service accounts of the stack's users are named, with the
command that ends one. A lock whose process lives is left alone. A
deletion of a bucket that is pending since it was to be replaced is taken out of the state; the bucket stays.
make up does this by itself. For a stack on a shared backend end the lock with pulumi cancel first.
Where the state of this checkout's own backend is cut off, garbled or missing, it shows the newest whole copy (how old it
is, what differs from the server), and takes it with --take-state or when the terminal says so. Nothing is deleted.

Examples:
  $ bucketworks recover && pulumi up
  $ bucketworks recover --stack production
  $ bucketworks recover --take-state

Exit codes: 0 recovered or nothing to do, 1 some buckets or users may be somebody else's, and stay untouched,
2 wrong use, 3 the stack is in use, its state is damaged and no copy was taken, or the server can't be asked`;

interface Options {
  readonly stack: string;
  readonly quiet?: boolean;
  readonly takeState?: boolean;
}

/** `bucketworks recover`: the state after a killed run. */
export function recoverCommand(): Command {
  return new Command("recover")
    .description("bring the state back after a killed pulumi run")
    .option("-s, --stack <name>", "the stack", "dev")
    .option("--take-state", "where the state is damaged or lost, take the newest whole copy without asking")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(async ({ stack, quiet = false, takeState = false }: Options) => {
      const root = ownRoot();
      const done = await withLock(checkoutAt(root), "recover", async () => {
        const taken = await settleState(root, stack, process.env, takeState);
        if (taken !== undefined && !quiet) print(taken);
        return recover(root, stack, process.env);
      });
      if (!quiet) print(report(done));
      if (done.unproved.length > 0) process.exitCode = EXIT.findings;
      if (done.older.length + done.inUse.length > 0) throw new CommandError(foreign(done), EXIT.findings);
    });
}

/**
 * Where the state of the checkout's own backend is damaged or lost, offers the newest whole copy and takes it when told.
 * @param taken told already
 * @returns what was done; undefined when nothing was wrong
 * @throws CommandError with the offer where nobody takes it
 */
async function settleState(
  root: string,
  stack: string,
  env: NodeJS.ProcessEnv,
  taken: boolean,
): Promise<string | undefined> {
  if (!isOwnBackend(root, env)) return undefined;
  const project = projectName(root);
  const places = statePlaces(root, project, stack);
  const target = () => loadTarget({ stage: stack, files: [], env, root });
  const offer = await offerCopy(
    places,
    () => namesOf(target().model),
    async (users) => (await import("./recovery/existing.ts")).existingOn(target().server, users, { failed: FAILED }),
  );
  if (offer === undefined) return undefined;
  const locks = await locksOfTheDead({ backend: backendUrl(checkoutAt(root).state), project, stack });
  const text = offerText(places, offer, Date.now());
  if (!taken) await requireTaking(text);
  // A copy isn't the state of the run that left the lock: without the lock it proves nothing of what that run made.
  locks.forEach(breakLock);
  return [...(taken ? [text] : []), ...locks.map(brokenText), takeCopy(places, offer, Date.now())].join("\n");
}

async function requireTaking(offer: string): Promise<void> {
  const none = `${offer}\nnothing was changed; bucketworks recover --take-state takes the copy`;
  if (!process.stdin.isTTY) throw new CommandError(none, EXIT.couldNotLook);
  if ((await ask(`${offer}\ntype "take" to make it the state again: `)) !== "take")
    throw new CommandError("recover: nothing was changed", EXIT.couldNotLook);
}

function namesOf({ platforms }: ResolvedModel): Names {
  return {
    buckets: platforms.flatMap(({ buckets }) => buckets.map(({ name }) => name)),
    users: platforms.flatMap(({ access }) => access.users.map(({ name }) => name)),
  };
}

/**
 * Recovers one stack of the checkout at `root`.
 * @param env as a shell has it; without a backend in it, the checkout's own is used
 */
export function recover(root: string, stack: string, env: NodeJS.ProcessEnv): Promise<Recovered> {
  const server = () => loadTarget({ stage: stack, files: [], env, root }).server;
  // Loaded where it is needed: every other command would pay a third of a second for the SDK.
  const onServer = () => import("./recovery/existing.ts");
  const local = backendUrl(checkoutAt(root).state);
  return recoverStack({
    project: projectName(root),
    stack,
    backend: env.PULUMI_BACKEND_URL ?? local,
    pulumi: (args) => askPulumi(root, env, args),
    existing: async (users, buckets) =>
      (await onServer()).existingOn(server(), users, { failed: FAILED, asked: buckets }),
    places: isOwnBackend(root, env) ? statePlaces(root, projectName(root), stack) : undefined,
    endOrphans: async (deployment, prove) => {
      if (usersIn(deployment).length === 0) return { orphaned: [], unknown: [] };
      const { endOrphans } = await import("./recovery/end-accounts.ts");
      return endOrphans(deployment, server(), prove);
    },
    removeUsers: async (names) => (names.length > 0 ? (await onServer()).removeUsers(server(), names) : undefined),
  });
}

/** For a command that recovers before its own work: what was done, a line each. */
export async function recoverFirst(...of: Parameters<typeof recover>): Promise<string[]> {
  const lines = report(await recover(...of));
  return lines === NOTHING ? [] : lines.split("\n");
}

const NOTHING = "nothing to recover";

/** What was done, a line each; empty lists say nothing. */
export function report(recovered: Omit<Recovered, "older" | "inUse">): string {
  const { broken, takenOver, notMade, unproved, again, halfMade, orphaned, unknown, kept } = recovered;
  const lines = [
    ...broken.map(brokenText),
    ...list("bucket", "in the state without a pending deletion now", kept),
    ...list("bucket", "made by the killed run, in the state now", takenOver),
    ...list("bucket", "not made yet, left to the next up", notMade),
    ...list("bucket", UNPROVED, unproved),
    ...list("user", "half-made by the killed run, removed; the next up makes them", halfMade),
    ...list("service account", "made by the killed run, with a secret that is lost, removed", orphaned),
    ...list("service account", `of the stack's users, in no state, left alone; ${END_IT}`, unknown),
    ...list("resource", "whose update was cut short, written again by the next up", again),
  ];
  return lines.length === 0 ? NOTHING : lines.join("\n");
}

const UNPROVED =
  "that hold something, and no lock tells whether the killed run made them, left alone; yours? set adopt: true in their specs";
const END_IT = "if nobody uses it, mc admin user svcacct rm ALIAS KEY";

function list(noun: string, what: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${counted(names.length, noun)} ${what}: ${names.join(", ")}`];
}

/** What isn't taken over, why, and what to do. */
export function foreign({ older, inUse }: Pick<Recovered, "older" | "inUse">): string {
  const named = (noun: string, names: readonly string[]) => `${counted(names.length, noun)} (${names.join(", ")})`;
  const lines = [
    older.length > 0 &&
      `${named("bucket", older)} older than the killed run, so not its own, left alone; if it is yours (a clock was changed meanwhile) set adopt: true in its spec`,
    inUse.length > 0 &&
      `${named("user", inUse)} that the killed run may not have made, left alone: with rights or a service account, or no lock tells when that run began; give it another name in the specs, or remove it from the server, then run up`,
  ];
  return lines.filter((line) => line !== false).join("\n");
}
