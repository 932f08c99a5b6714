import { Command, InvalidArgumentError, Option } from "commander";
import pMap from "p-map";
import { backendUrl } from "../config/stack/backend.ts";
import { projectName } from "../toolchain/state/state-files.ts";
import { checkoutAt, ownRoot } from "./checkout.ts";
import { CommandError, EXIT } from "./ending/exit.ts";
import { backendFiles } from "./history/backend-files.ts";
import { type Kept, keptIn } from "./history/kept.ts";
import { deploys, type Update, updatesOf } from "./history/updates.ts";
import { hasStackFile } from "./stack-file.ts";
import { counted, print, printJson, table } from "./terminal/print.ts";

interface Options {
  readonly stack: string;
  readonly limit: number;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

/** States that are in memory at the same time: one has megabytes. */
const AT_ONCE = 4;

const HELP = `
Every run of the engine on the stack that changed it and came to its end, the newest first (no bucketworks drift or other preview), as the state's backend has recorded it: number,
id (which stays, where a record is taken away and numbers are others), instant (UTC), result, how many resources it changed, the commit that was checked out (+ where files differed from it) and the
digest of the specs as they were resolved. Two updates of the same digest deployed the same. A digest is there for updates of
a version that keeps the model; to those bucketworks rollback --to goes back, by number or id. JSON also has the digests of images.
Read are backends in a folder (the checkout's own among them) and in an S3 bucket.

Examples:
  $ bucketworks history
  $ bucketworks history --stack production --format json | jq '.updates[0].specDigest'

Exit codes: 0 shown, 2 wrong use, 3 the backend can't be read`;

/** `bucketworks history`: the updates of a stack. */
export function historyCommand(): Command {
  return new Command("history")
    .description("list the updates of a stack: when, from which specs and commit, what changed")
    .option("-s, --stack <name>", "the stack", "dev")
    .option("--limit <n>", "how many of the newest", atLeastOne, 20)
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "no heading")
    .addHelpText("after", HELP)
    .action(history);
}

async function history({ stack, limit, format, quiet = false }: Options): Promise<void> {
  const all = await stackUpdates(ownRoot(), process.env, stack);
  const newest = all.slice(-limit).reverse();
  const updates = await pMap(newest, async (update) => ({ update, ...(await keptOf(update)) }), {
    concurrency: AT_ONCE,
  });
  if (format === "json") {
    printJson({
      schemaVersion: 1,
      stack,
      updates: updates.map(({ update: { state: _, isPreview: __, ...about }, specDigest, images }) => ({
        ...about,
        specDigest: specDigest ?? null,
        images,
      })),
    });
  } else if (all.length === 0) {
    if (!quiet) print(`stack ${stack} has no update yet`);
  } else {
    const head = ["number", "id", "ended (UTC)", "kind", "result", "changes", "commit", "specs"];
    const rows = updates.map(({ update, specDigest }) => row(update, specDigest));
    print(table(quiet ? rows : [head, ...rows]));
    if (!quiet && all.length > limit) print(`${counted(all.length - limit, "older update")}: --limit ${all.length}`);
  }
}

async function keptOf(update: Update): Promise<Pick<Kept, "specDigest" | "images">> {
  const { specDigest, images } = keptIn(await update.state());
  return { specDigest: deploys(update) ? specDigest : undefined, images };
}

function row(
  { number, id, ended, kind, result, changes, commit, isDirty, message }: Update,
  digest?: string,
): string[] {
  const what = /^rollback to update [0-9a-z]+$/.test(message) ? message : kind;
  return [
    String(number),
    id,
    ended.toISOString().slice(0, 19).replace("T", " "),
    what,
    result,
    changesText(changes),
    commit === null ? "-" : `${commit.slice(0, 12)}${isDirty ? "+" : ""}`,
    digest?.slice(0, 12) ?? "-",
  ];
}

/** `2 create, 1 update`; `none` where all stayed. */
export function changesText(changes: Readonly<Record<string, number>>): string {
  const some = Object.entries(changes).filter(([op, count]) => op !== "same" && count > 0);
  return some.length === 0 ? "none" : some.map(([op, count]) => `${count} ${op}`).join(", ");
}

/** @throws CommandError where there is no such stack, or its backend can't be read */
export async function stackUpdates(root: string, env: NodeJS.ProcessEnv, stack: string): Promise<Update[]> {
  const url = env.PULUMI_BACKEND_URL || backendUrl(checkoutAt(root).state);
  const updates = await updatesOf(backendFiles(url), projectName(root), stack);
  if (updates.length === 0 && !hasStackFile(root, stack)) {
    throw new CommandError(
      `no stack ${JSON.stringify(stack)}: it has no settings here and no update; pulumi stack ls lists those there are`,
      EXIT.wrongUse,
    );
  }
  return updates;
}

function atLeastOne(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError("must be a whole number of at least 1.");
  return Number(text);
}
