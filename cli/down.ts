import { Command } from "commander";
import { type Checkout, checkoutAt, ownRoot } from "./checkout.ts";
import { withLock } from "./local/lock.ts";
import { stopPostgresServer } from "./local/postgres/server.ts";
import { stopServer } from "./local/server.ts";
import { Progress, step } from "./terminal/progress.ts";

/** `bucketworks down`: ends the local server and its supervisor; all data stays. */
export function downCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("down")
    .description("stop the local server; its data stays")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText("after", "\nExample:\n  bucketworks down\n\nExit codes: 0 stopped (or nothing ran), 3 could not stop")
    .action(async ({ quiet = false }: { quiet?: boolean }) => {
      const progress = new Progress(quiet);
      await withLock(
        checkout,
        "down",
        () =>
          step(
            progress,
            "stopping the local server",
            async () => ({ postgres: await stopPostgresServer(checkout), minio: await stopServer(checkout) }),
            stopped,
          ),
        { onWait: (text) => progress.note(text) },
      );
    });
}

function stopped(ran: { readonly minio: boolean; readonly postgres: boolean }): string {
  const names = [...(ran.minio ? ["the local server"] : []), ...(ran.postgres ? ["PostgreSQL"] : [])];
  return names.length === 0 ? "the local server isn't running" : `stopped ${names.join(" and ")}; its data stays`;
}
