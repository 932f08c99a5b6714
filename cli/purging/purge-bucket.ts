import { readableBytes } from "../../config/values/readable-bytes.ts";
import { type Connection, connect, type ServerConfig } from "../../provider/server/connection.ts";
import { explain } from "../../provider/server/faults.ts";
import { hasName } from "../../provider/server/read.ts";
import { CouldNotSee, unlistedText, unlistedUploads } from "../../provider/server/unlisted-uploads.ts";
import { CommandError, EXIT, type ExitCode } from "../ending/exit.ts";
import { attended, interruptedWith, interruption } from "../ending/signals.ts";
import { ask } from "../terminal/ask.ts";
import { counted, print, tell } from "../terminal/print.ts";
import { writeOver } from "../terminal/progress.ts";
import { type Emptied, emptyBucket } from "./empty.ts";
import { entries, type Holdings, holdingsOf, holdingsText, unfinished } from "./holdings.ts";

/** A bucket that may be emptied: both keys were given. */
export interface Purge {
  readonly bucket: string;
  readonly server: ServerConfig;
  readonly stack: string;
  /** Nobody needs to be asked any more. */
  readonly confirmed: boolean;
  readonly quiet: boolean;
  /** How the emptied bucket is removed, for people. */
  readonly wayOut: string;
}

/** Shows what the bucket holds, asks, deletes it and says what is left. @throws CommandError when not all is gone */
export async function purgeBucket(purge: Purge): Promise<void> {
  const server = connect(purge.server, new AbortController().signal);
  try {
    const held = await holdings(server, purge);
    if (held !== undefined && !purge.quiet) await tellUnlisted(server, purge.bucket);
    if (held === undefined || entries(held) === 0) {
      const state = held === undefined ? `isn't on ${server.url}` : `on ${server.url} is empty`;
      if (!purge.quiet) print([`bucket ${purge.bucket} ${state}`, ...(held ? [purge.wayOut] : [])].join("\n"));
      return;
    }
    await requireConsent(
      purge,
      `bucket ${purge.bucket} on ${server.url} (stack ${purge.stack}): ${holdingsText(held)}`,
    );
    const done = await attended((stop) =>
      emptyBucket(server, purge.bucket, { stop, onProgress: (n) => show(purge, "deleted", n, entries(held)) }),
    );
    show(purge, "deleted", 0, 0);
    const stopped = interruption().aborted;
    const left = await leftOver(server, purge, held, done, stopped);
    if (left !== undefined && stopped) throw interruptedWith(`${deletedText(purge, done)}; ${left.text}`);
    if (left !== undefined) throw new CommandError(`${deletedText(purge, done)}; ${left.text}`, left.exitCode);
    if (!purge.quiet) print(`${deletedText(purge, done)}; it is empty now\n${purge.wayOut}`);
  } finally {
    server.s3.destroy();
  }
}

async function holdings(server: Connection, purge: Purge): Promise<Holdings | undefined> {
  try {
    return await holdingsOf(server, purge.bucket, (count) => show(purge, "counted", count));
  } catch (error) {
    if (hasName(error, "NoSuchBucket")) return undefined;
    throw new CommandError(`purge: nothing was deleted: ${explain(error, server)}`, EXIT.couldNotLook);
  } finally {
    show(purge, "counted", 0, 0);
  }
}

/** What no list of the bucket has, so that purge can't end it: the later removal of the bucket may be refused for it. */
async function tellUnlisted(server: Connection, bucket: string): Promise<void> {
  try {
    const unlisted = await unlistedUploads(server);
    if (unlisted.count === 0) return;
    tell(
      `${server.url} holds ${unlistedText(unlisted)}; they may be of ${bucket}: purge can't end them, and the bucket can be removed when MinIO has`,
    );
  } catch (error) {
    tell(
      `uploads in progress that began before the last start of ${server.url} can't be looked for: ${error instanceof CouldNotSee ? error.message : explain(error, server)}`,
    );
  }
}

async function requireConsent({ bucket, confirmed, quiet }: Purge, what: string): Promise<void> {
  if (confirmed) {
    if (!quiet) tell(what);
    return;
  }
  if (!process.stdin.isTTY) {
    const how = `bucketworks purge ${bucket} --yes-delete ${bucket}`;
    const why = "can't ask: standard input isn't a terminal";
    throw new CommandError(`${what}\n${why}; nothing was deleted; in scripts use ${how}`, EXIT.wrongUse);
  }
  const answer = await ask(`${what}\ntype the bucket's name to delete all of it, for good: `);
  if (answer !== bucket) throw new CommandError("purge: nothing was deleted", EXIT.wrongUse);
}

interface Left {
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** What is still in the bucket, and why; undefined where it is empty. */
async function leftOver(
  server: Connection,
  { bucket }: Purge,
  held: Holdings,
  done: Emptied,
  stopped: boolean,
): Promise<Left | undefined> {
  const about = `about ${counted(Math.max(entries(held) - done.deleted - done.aborted, 0), "version")} left`;
  const again = `run bucketworks purge ${bucket} again to delete the rest`;
  const fault = (error: unknown): Left => ({
    text: `${about}: ${explain(error, server)}; then ${again}`,
    exitCode: EXIT.couldNotLook,
  });
  if (done.fault !== undefined) return fault(done.fault);
  if (stopped) return { text: `stopped, ${about}; ${again}`, exitCode: EXIT.findings };
  const refused = [...done.refused.values()].reduce((sum, count) => sum + count, 0);
  if (refused > 0) return { text: refusedText(refused, done), exitCode: EXIT.findings };
  try {
    const now = entries(await holdingsOf(server, bucket, () => undefined));
    return now === 0
      ? undefined
      : {
          text: `${counted(now, "version")} written meanwhile; stop the writer, then ${again}`,
          exitCode: EXIT.findings,
        };
  } catch (error) {
    return hasName(error, "NoSuchBucket") ? undefined : fault(error);
  }
}

function refusedText(count: number, { refused, lockedUntil }: Emptied): string {
  const reasons = [...refused].map(([reason, versions]) => `${versions} under ${reason}`).join(", ");
  const until = lockedUntil === undefined ? "" : `; the last lock ends ${lockedUntil.toISOString()}`;
  return `${counted(count, "version")} can't be deleted and stay: ${reasons}${until}`;
}

function deletedText({ bucket }: Purge, { deleted, aborted, bytes }: Emptied): string {
  const ended = aborted > 0 ? ` and ${unfinished(aborted)} ended` : "";
  return `bucket ${bucket}: ${counted(deleted, "version")} deleted (${readableBytes(bytes)})${ended}`;
}

/** One line at the terminal, written over; taken away where `total` is 0. */
function show({ quiet }: Purge, what: string, count: number, total?: number): void {
  const line = total === undefined ? counted(count, "version") : `${count} of ${counted(total, "version")}`;
  writeOver(total === 0 ? "" : `${what} ${line}`, quiet);
}
