import { Command, InvalidArgumentError } from "commander";
import { nearest } from "../../config/values/nearest.ts";
import { ReadError } from "../../live/read-error.ts";
import { type ReportFile, type ReportPlace, reportPlace, storeFiles } from "../../verify/report-store.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { addLookOptions } from "../target/look-options.ts";
import { lookTarget } from "../target/look-target.ts";
import { askedOf, withSource } from "../target/source-variables.ts";
import type { Target } from "../target/target.ts";
import { print } from "../terminal/print.ts";
import type { Asked } from "./asked.ts";
import { analysisJson, type Judged, judged } from "./judged.ts";
import { SERVER_HELP } from "./records.ts";
import { verdictWords } from "./words.ts";

interface Options {
  readonly store: (experiment: string) => ReportPlace;
  readonly platform?: string;
  readonly stage: string;
  readonly server?: string;
  readonly caFile?: string;
}

const EXPERIMENT = "{experiment}";

const HELP = `
Judges every experiment of the platform files, as analyse does, and stores of each a page and its JSON. Changes nothing else: a verdict
stops no experiment. On Kubernetes a scheduled_job of a platform file runs it (docs/experiments.md). In --store, ${EXPERIMENT} stands
for the name, {date}, {week}, {month}, {period} and {timestamp} for the time in UTC.
${SERVER_HELP}
Server and key of the store are found as by verify; with --server, as in a cluster, the key is MINIO_ACCESS_KEY and
MINIO_SECRET_KEY, and no stack is needed.

Examples:
  $ bucketworks experiment report --store "mlops-reports/ab_tests/experiment={experiment}/date={date}/"

Exit codes: 0 all are stored, whatever they say, 1 the specs have faults, 2 wrong use, 3 one could not be judged or stored`;

/** `bucketworks experiment report [FILE...]`: what each experiment says by now, kept in a bucket. */
export function reportCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return addLookOptions(
    new Command("report")
      .description("judge every experiment, and store what was found")
      .argument("[FILE...]", "platform files (default: the platforms of the stack)"),
  )
    .requiredOption("--store <place>", "store pages and JSON as BUCKET/PREFIX...", storeOption)
    .option("-p, --platform <name>", "experiments of this platform alone")
    .addHelpText("after", HELP)
    .action(async (given: string[], options: Options, command: Command) => {
      const { files, stage, source } = askedOf(command, { ...options, files: given }, process.env);
      const target = withSource(
        lookTarget("experiment report", files, { ...options, stage, identities: false }),
        source,
      );
      const all = experimentsOf(target, options.platform);
      if (all.length === 0) print("experiment report: the specs have no experiment");
      const failed: string[] = [];
      for (const each of all) {
        try {
          const found = await judged(checkout, each);
          const place = options.store(each.experiment.name);
          const uris = await storeFiles(await filesOf(found), place, target.server, found.at);
          print(`${each.experiment.name}: ${verdictWords(found.analysis)}; ${uris.join(", ")}`);
        } catch (error) {
          // One that can't be judged keeps no other from it.
          if (!(error instanceof CommandError || error instanceof ReadError)) throw error;
          failed.push(`${each.experiment.name}: ${error.message}`);
        }
      }
      if (failed.length > 0) throw new CommandError(failed.join("\n"), EXIT.couldNotLook);
    });
}

function experimentsOf({ model }: Target, platform: string | undefined): Asked[] {
  const names = model.platforms.map(({ name }) => name);
  if (platform !== undefined && !names.includes(platform)) {
    const near = nearest(platform, names);
    const hint = near === null ? `there are ${names.join(", ") || "none"}` : `did you mean ${near}?`;
    throw new CommandError(`experiment report: no platform ${platform}; ${hint}`, EXIT.wrongUse);
  }
  return model.platforms
    .filter(({ name }) => platform === undefined || name === platform)
    .flatMap(({ name, experiments, database }) =>
      experiments.map((experiment) => ({
        ...{ platform: name, database: database?.name ?? "", experiment, stage: model.stage },
      })),
    );
}

async function filesOf(found: Judged): Promise<ReportFile[]> {
  const { experimentPage } = await import("./page.ts");
  const begin = "analysis";
  const json = `${JSON.stringify(analysisJson(found), null, 2)}\n`;
  return [
    { begin, extension: "html", type: "text/html; charset=utf-8", text: experimentPage(found) },
    { begin, extension: "json", type: "application/json", text: json },
  ];
}

/** Commander's parser for `--store`: where each experiment's go. */
function storeOption(text: string): Options["store"] {
  const placeOf = (experiment: string) => reportPlace(text.replaceAll(EXPERIMENT, experiment));
  const wrong = placeOf("name");
  if (typeof wrong === "string") throw new InvalidArgumentError(`${wrong} and ${EXPERIMENT}.`);
  return (experiment) => {
    const place = placeOf(experiment);
    if (typeof place === "string") throw new CommandError(`--store ${text}: ${place}`, EXIT.wrongUse);
    return place;
  };
}
