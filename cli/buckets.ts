import { Command, Option } from "commander";
import { listBuckets } from "../live/list-buckets.ts";
import { withReader } from "../live/reader.ts";
import { urlOf } from "../live/server-address.ts";
import { addLookOptions } from "./target/look-options.ts";
import { lookTarget } from "./target/look-target.ts";
import { askedOf, SOURCE_VARIABLES_HELP, withSource } from "./target/source-variables.ts";
import { counted, print, printJson, table, tell } from "./terminal/print.ts";

interface BucketsOptions {
  readonly stage: string;
  readonly format: "text" | "json";
  readonly server?: string;
  readonly caFile?: string;
  readonly quiet?: boolean;
}

const HELP = `
Lists every bucket that the credentials may know of, when it was made, and the platform whose file names it. MinIO leaves out
what they may not read, without a word. Reads the list alone: the shortest way to see whether a server answers.

Server and credentials are found as verify finds them (bucketworks verify --help).

${SOURCE_VARIABLES_HELP}

Examples:
  $ bucketworks buckets
  $ bucketworks buckets --stage production --format json | jq -r '.buckets[] | select(.platform == null).name'

Exit codes: 0 listed, 1 the specs have faults, 2 wrong use, 3 could not look`;

/** `bucketworks buckets [FILE...]`: what buckets the server has. */
export function bucketsCommand(): Command {
  return addLookOptions(
    new Command("buckets")
      .description("list the buckets of the live server")
      .argument("[FILE...]", "platform files (default: the platforms of the stack)"),
  )
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("-q, --quiet", "no summary")
    .addHelpText("after", HELP)
    .action(buckets);
}

async function buckets(given: string[], options: BucketsOptions, command: Command): Promise<void> {
  const { format } = options;
  const { files, stage, quiet, source } = askedOf(command, { ...options, files: given }, process.env);
  const target = lookTarget("buckets", files, { ...options, stage, identities: false });
  const { model, server } = withSource(target, source);
  const owners = new Map(model.platforms.flatMap((each) => each.buckets.map(({ name, platform }) => [name, platform])));
  const listed = (await withReader(server, {}, listBuckets)).map(({ name, createdAt }) => ({
    name,
    created_at: createdAt,
    platform: owners.get(name) ?? null,
  }));
  if (format === "json") return printJson({ schemaVersion: 1, server: urlOf(server), buckets: listed });
  const rows = listed.map(({ name, created_at: at, platform }) => [name, at, platform ?? "(no platform)"]);
  if (rows.length > 0) print(table([["BUCKET", "MADE", "PLATFORM"], ...rows]));
  if (!quiet) tell(`${counted(rows.length, "bucket")} on ${urlOf(server)}`);
}
