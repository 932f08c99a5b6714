import { existsSync, readdirSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { Command } from "commander";
import { readableBytes } from "../config/values/readable-bytes.ts";
import { type Checkout, checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { untilInterrupted } from "./ending/signals.ts";
import { withLock } from "./local/checkout-lock.ts";
import { liveBuckets, rootClient } from "./local/minio/health.ts";
import { minio } from "./local/minio/service.ts";
import { runningPorts, stopServices } from "./local/service/start.ts";
import { namedServer } from "./local/stack/own-or-named-server.ts";
import { bucketFolders, countContents } from "./server-contents.ts";
import { ask } from "./terminal/ask.ts";
import { counted } from "./terminal/print.ts";
import { Progress } from "./terminal/progress.ts";

interface Options {
  readonly quiet?: boolean;
  readonly yes?: boolean;
}

/** `bucketworks clean`: deletes all local data, state and secrets of the checkout. It asks first. */
export function cleanCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("clean")
    .description("delete all local data, state and secrets of this checkout (asks first)")
    .option("-y, --yes", "delete without asking, for scripts")
    .option("-q, --quiet", "print nothing but errors")
    .addHelpText(
      "after",
      "\nExample:\n  bucketworks clean\n\nExit codes: 0 deleted (or nothing there), 2 no consent, 3 could not delete",
    )
    .action(async (options: Options) => {
      const progress = new Progress(options.quiet ?? false);
      if (doomed(checkout).length === 0) {
        progress.note("nothing to delete: this checkout has no local data");
        return;
      }
      const loss = await describeLoss(checkout);
      if (!options.yes) await requireConsent(checkout, loss);
      await withLock(checkout, "clean", () => deleteAll(checkout), { onWait: (text) => progress.note(text) });
      progress.note(`deleted ${loss}`);
    });
}

/** Everything in `.bucketworks/` but the toolchain's links (they hold no data and take long to make) and our lock. */
function doomed(checkout: Checkout): string[] {
  if (!existsSync(checkout.home)) return [];
  const kept = ["toolchain", "pulumi-home", relative(checkout.home, checkout.lock)];
  return readdirSync(checkout.home).filter((name) => !kept.includes(name));
}

async function deleteAll(checkout: Checkout): Promise<void> {
  // after a signal nothing is deleted
  await untilInterrupted(() => stopServices(checkout));
  for (const name of doomed(checkout)) rmSync(join(checkout.home, name), { recursive: true, force: true });
}

async function describeLoss(checkout: Checkout): Promise<string> {
  const ports = await runningPorts(minio(checkout));
  const databases = existsSync(checkout.postgres.folder) ? "the local databases with all they hold, " : "";
  const services = existsSync(checkout.services)
    ? "what the services keep (logs, series of metrics, logins, the key that signs tokens of the model API), "
    : "";
  const rest = `${databases}${services}the state of the stack and all credentials of this checkout${elsewhere(checkout)}`;
  if (ports === undefined) {
    const buckets = bucketFolders(checkout).length;
    return `${counted(buckets, "bucket")} with all they hold (not counted: the server isn't running), ${rest}`;
  }
  const client = await rootClient(checkout, ports.api);
  try {
    const found = await countContents(checkout, client, [...(await liveBuckets(checkout, ports.api)).keys()]);
    const versions = found.oldVersions > 0 ? ` and ${counted(found.oldVersions, "older version")}` : "";
    const uploads = found.uploads > 0 ? ` and ${counted(found.uploads, "upload")} in progress` : "";
    const held = `${counted(found.objects, "object")}${versions} (${readableBytes(found.bytes)})${uploads}`;
    return `${counted(found.buckets, "bucket")} with ${found.complete ? "" : "more than "}${held}, ${rest}`;
  } finally {
    client.destroy();
  }
}

/** A server that the stack names keeps everything; only who made it is forgotten. */
function elsewhere(checkout: Checkout): string {
  const named = namedServer(checkout);
  return named === undefined
    ? ""
    : `; everything on ${named} stays there, make destroy removes the stack from it first`;
}

async function requireConsent(checkout: Checkout, loss: string): Promise<void> {
  const place = relative(process.cwd(), checkout.home) || checkout.home;
  if (!process.stdin.isTTY) {
    throw new CommandError(
      `clean: would delete ${loss} (${place}); can't ask: standard input isn't a terminal. ` +
        "nothing was deleted; in scripts use bucketworks clean --yes",
      EXIT.wrongUse,
    );
  }
  const answer = await ask(`this deletes ${loss} (${place}).\ntype "delete" to go on: `);
  if (answer === "delete") return;
  throw new CommandError("clean: nothing was deleted", EXIT.wrongUse);
}
