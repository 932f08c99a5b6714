import { CommandError, EXIT } from "../ending/exit.ts";
import { ask } from "../terminal/ask.ts";
import { tell } from "../terminal/print.ts";

/** Asks for the bucket's name before a restore in place, after what becomes of it. @throws CommandError without it */
export async function requireConsent(
  { bucket, confirmed, quiet }: { readonly bucket: string; readonly confirmed: boolean; readonly quiet: boolean },
  what: string,
): Promise<void> {
  if (confirmed) {
    if (!quiet) tell(what);
    return;
  }
  const nothing = "restore: nothing was changed";
  if (!process.stdin.isTTY) {
    const why = "can't ask: standard input isn't a terminal";
    throw new CommandError(`${what}\n${why}; ${nothing}; in scripts add --yes-restore ${bucket}`, EXIT.wrongUse);
  }
  const answer = await ask(`${what}\ntype the bucket's name to do so; every version that is there stays: `);
  if (answer !== bucket) throw new CommandError(nothing, EXIT.wrongUse);
}
