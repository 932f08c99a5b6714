import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { commentText, wholeText } from "../review/comment.ts";
import type { BucketContents } from "../review/removal-changes.ts";
import { removals } from "../review/removals.ts";
import { reviewOf } from "../review/review.ts";
import { countContents } from "./comment/bucket-contents.ts";
import { type Inputs, readInputs } from "./comment/inputs.ts";
import { CommandError } from "./ending/exit.ts";
import { stageOption } from "./target/specs.ts";
import { loadTarget, type Target } from "./target/target.ts";
import { writeNamedFile } from "./terminal/named-file.ts";
import { print, tell } from "./terminal/print.ts";

interface CommentOptions {
  readonly stage: string;
  readonly preview: string;
  readonly before: string;
  readonly after: string;
  readonly live?: boolean;
  readonly out?: string;
  readonly artifact?: string;
  readonly quiet?: boolean;
}

const HELP = `
Shows a reviewer what a change of the specs does to data and to who reaches it, most dangerous first: buckets removed,
made public, kept for a shorter time, unlocked, unencrypted, access widened. Then what the policies found and what the
engine would do. Values from specs and messages are shown as code: they are no markup, no mention and no link.
At most 65,000 characters; --artifact gets all of it, however long.

--live counts what buckets that leave hold, on the server of the stack (see bucketworks verify --help). It writes
nothing. A bucket that can't be counted is said to be so.

Examples:
  $ bucketworks preview --stack production --out preview.json --policy-pack policy
  $ bucketworks explain --stage production --format json > after.json
  $ bucketworks explain --stage production --format json --project base > before.json
  $ bucketworks comment --stage production --preview preview.json --before before.json --after after.json --live

Exit codes: 0 written, also of a preview that failed or a server that can't be asked: the comment says so; 2 wrong use
(a file that can't be read or isn't what it should be)`;

/** `bucketworks comment`: one preview of one stack as Markdown for its pull request. */
export function commentCommand(): Command {
  return new Command("comment")
    .description("write the comment that shows a pull request's reviewers what a stack's preview means")
    .addOption(new Option("--stage <stack>", "the stack").argParser(stageOption).makeOptionMandatory())
    .requiredOption("--preview <file>", "events of the preview, as bucketworks preview writes them")
    .requiredOption("--before <file>", "model of the base: explain --format json")
    .requiredOption("--after <file>", "model of the change: explain --format json")
    .option("--live", "count what buckets that leave the stack hold on the live server")
    .option("--out <file>", "write the comment there instead of to standard output")
    .option("--artifact <file>", "write all of it there, however long")
    .option("--quiet", "say nothing on standard error")
    .addHelpText("after", HELP)
    .action(comment);
}

async function comment(options: CommentOptions): Promise<void> {
  const { stage, artifact, out, quiet } = options;
  const inputs = readInputs(options);
  const contents = options.live ? await liveContents(inputs, stage) : new Map();
  const review = reviewOf({ ...inputs, contents });
  const { text, left } = commentText(review, { stage, artifact });
  if (artifact !== undefined) write(artifact, wholeText(review, stage));
  if (out === undefined) print(text);
  else write(out, text);
  if (left > 0 && !quiet) tell(`the comment is cut, ${left} lines have no room in it`);
}

/** Faults of settings and server alike are answers: a comment without them is better than none. */
async function liveContents({ before, after, preview }: Inputs, stage: string): Promise<BucketContents> {
  const buckets = removals(before, after, preview).map(({ bucket }) => bucket);
  if (buckets.length === 0) return new Map();
  let target: Target;
  try {
    target = loadTarget({ stage, files: [], env: process.env });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const reason = error.message;
    return new Map(buckets.map((bucket) => [bucket, { kind: "unknown", reason }]));
  }
  return countContents(target.server, buckets);
}

function write(file: string, text: string): void {
  writeNamedFile(file, () => writeFileSync(file, text));
}
