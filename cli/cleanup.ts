import { Command, InvalidArgumentError, Option } from "commander";
import { daysIn, secondsIn } from "../config/values/duration.ts";
import { readableBytes } from "../config/values/readable-bytes.ts";
import type { ServerAddress } from "../live/server-address.ts";
import { audited } from "./audit-log.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { KINDS, type Kind, type Leftover } from "./cleanup/leftover.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { withLock } from "./local/checkout-lock.ts";
import { onServer } from "./target/on-server.ts";
import { loadTarget } from "./target/target.ts";
import { ask } from "./terminal/ask.ts";
import { counted, print, printJson, tell } from "./terminal/print.ts";
import { Progress } from "./terminal/progress.ts";

interface Options {
  readonly stack: string;
  readonly only?: readonly Kind[];
  readonly uploadsOlderThan: number;
  readonly releasedBefore: number;
  readonly delete?: readonly Kind[];
  readonly yesDelete?: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
Lists what is left over on the server of a stack, with counts and bytes, and deletes nothing:
  uploads   multipart uploads that were begun long ago and neither completed nor aborted, in buckets of the stack
  failed    empty buckets of a creation that was killed (bucketworks recover takes them over instead)
  released  buckets that left the stack long ago and stay on the server
With --delete KINDS what is listed of these kinds goes, after the stack's name was typed (scripts: --yes-delete STACK). Never
deleted, whatever is given, is a bucket that holds an object, a version or an upload: it is only reported. What somebody
writes meanwhile stays. A second run deletes what is left after an interruption. Server and credentials are found as by verify.

Examples:
  $ bucketworks cleanup
  $ bucketworks cleanup --stack production --uploads-older-than 30d --json
  $ bucketworks cleanup --delete uploads --yes-delete dev

Exit codes: 0 listed, or everything asked for is deleted, 1 something of it stayed, 2 no consent or wrong use, 3 the state or the
server can't be asked`;

/** `bucketworks cleanup`: what is left over; with two keys it goes. */
export function cleanupCommand(): Command {
  return new Command("cleanup")
    .description("list uploads and buckets that are left over; with two keys delete them")
    .option("-s, --stack <name>", "the stack", "dev")
    .option("--only <kinds>", `look for these alone, parted by commas: ${KINDS.join(", ")}`, kinds)
    .addOption(age("--uploads-older-than", "how old an upload in progress is at least", "7d"))
    .addOption(age("--released-before", "how long ago a bucket left the stack at least", "30d"))
    .option("--delete <kinds>", "delete what is listed of these kinds; asks", kinds)
    .option("--yes-delete <stack>", "delete without asking, for scripts; the stack's name once more")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", HELP)
    .action(cleanup);
}

async function cleanup(options: Options): Promise<void> {
  const { stack, quiet = false, format } = options;
  refuseHalfConsent(options);
  const root = ownRoot();
  const env = process.env;
  const progress = new Progress(quiet || format === "json");
  const kinds = new Set(options.delete ?? options.only ?? KINDS);
  const target = loadTarget({ stage: stack, files: [], env, root });
  // Loaded here: every other command would pay a third of a second for the SDK.
  const { findLeftovers } = await import("./cleanup/find.ts");
  const { uploadsOlderThan, releasedBefore } = options;
  const failed = "cleanup: nothing was deleted";
  const search = { root, env, stack, target, kinds, uploadsOlderThan, releasedBefore, now: new Date(), failed };
  const find = () => onServer(target.server, failed, (server) => findLeftovers(server, search));
  progress.begin("looking for what is left over");
  if (options.delete === undefined) {
    const found = await find().finally(() => progress.fail());
    show(found, options);
    if (!quiet && format === "text" && found.length > 0) print("nothing was deleted: --delete KINDS does that");
    return;
  }
  await withLock(checkoutAt(root), "cleanup", async () => {
    const found = await find().finally(() => progress.fail());
    show(found, options);
    if (found.length === 0) return;
    await requireConsent(options);
    const gone = found.filter(({ stays }) => stays === undefined);
    for (const each of gone) await removeOne(root, stack, each, target.server);
    for (const settle of new Set(gone.flatMap(({ settle }) => settle ?? []))) await settle();
    if (!quiet) tell(`deleted: ${totals(gone)}`);
    const left = found.flatMap(({ kind, bucket, stays }) =>
      stays === undefined ? [] : `stays: ${kind} ${bucket}: ${stays}`,
    );
    if (left.length > 0) throw new CommandError(left.join("\n"), EXIT.findings);
  });
}

function removeOne(root: string, stack: string, leftover: Leftover, server: ServerAddress): Promise<void> {
  const { kind, bucket } = leftover;
  const deed = { action: `cleanup.${kind}`, object: `${stack}/bucket/${bucket}` };
  const failed = `cleanup: ${kind} of ${bucket} are not all deleted, run it again`;
  return audited(checkoutAt(root), deed, () => onServer(server, failed, (connection) => leftover.remove(connection)));
}

function show(found: readonly Leftover[], { stack, format, quiet }: Options): void {
  if (format === "json") {
    const leftovers = found.map(({ remove: _, settle: __, stays, ...about }) => ({ ...about, stays: stays ?? null }));
    printJson({ schemaVersion: 1, stack, leftovers });
  } else if (quiet !== true) {
    const lines = found.map(({ kind, bucket, what, bytes, stays }) => {
      return `${kind}  ${bucket}: ${what}, ${readableBytes(bytes)}${stays === undefined ? "" : `; only reported: ${stays}`}`;
    });
    print(found.length === 0 ? `stack ${stack}: nothing is left over` : [...lines, totals(found)].join("\n"));
  }
}

/** `3 uploads (12 bytes), 1 bucket released`. */
function totals(found: readonly Leftover[]): string {
  const nouns: Record<Kind, string> = {
    uploads: "upload",
    failed: "failed bucket",
    released: "released bucket",
  };
  const parts = KINDS.flatMap((kind) => {
    const of = found.filter((each) => each.kind === kind);
    const sum = (key: "count" | "bytes") => of.reduce((total, each) => total + each[key], 0);
    return of.length === 0 ? [] : [`${counted(sum("count"), nouns[kind])} (${readableBytes(sum("bytes"))})`];
  });
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

/** One key alone deletes nothing. */
function refuseHalfConsent({ stack, only, delete: wanted, yesDelete }: Options): void {
  if (yesDelete !== undefined && wanted === undefined) {
    throw refused("--yes-delete names the stack, and --delete KINDS must say what goes");
  }
  if (yesDelete !== undefined && yesDelete !== stack) {
    throw refused(`--yes-delete names another stack, ${yesDelete}; give the name of --stack, ${stack}`);
  }
  if (only !== undefined && wanted !== undefined)
    throw refused("--delete says what is looked for: give it without --only");
}

async function requireConsent({ stack, delete: wanted = [], yesDelete }: Options): Promise<void> {
  if (yesDelete !== undefined) return;
  if (!process.stdin.isTTY) {
    const how = `bucketworks cleanup --stack ${stack} --delete ${wanted.join(",")} --yes-delete ${stack}`;
    throw refused(`can't ask: standard input isn't a terminal; in scripts use ${how}`);
  }
  if ((await ask("type the stack's name to delete this, for good: ")) !== stack) throw refused("not confirmed");
}

function refused(reason: string): CommandError {
  return new CommandError(`cleanup: ${reason}; nothing was deleted`, EXIT.wrongUse);
}

function kinds(text: string): Kind[] {
  const named = text.split(",").map((name) => name.trim());
  const wrong = named.find((name) => !KINDS.some((kind) => kind === name));
  if (wrong !== undefined) throw new InvalidArgumentError(`${JSON.stringify(wrong)} is none of ${KINDS.join(", ")}.`);
  return KINDS.filter((kind) => named.includes(kind));
}

function age(flag: string, text: string, usual: string): Option {
  return new Option(`${flag} <duration>`, text).argParser(seconds).default(seconds(usual), usual);
}

function seconds(text: string): number {
  const days = /^[1-9]\d*d$/.test(text) ? daysIn(text) : null;
  const found = days === null ? secondsIn(text) : days * 86_400;
  if (found === null) throw new InvalidArgumentError("must be a whole number with s, m, h or d, like 7d.");
  return found;
}
