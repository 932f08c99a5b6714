import { Command, InvalidArgumentError, Option } from "commander";
import { audited } from "../audit-log.ts";
import { type Checkout, checkoutAt, ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { print, printJson } from "../terminal/print.ts";
import { type ModelVersion, modelNamed, versionNamed, versionText } from "./model-version.ts";
import { Registry } from "./registry.ts";
import { platformOption, SERVER_HELP, type ServerOptions, trackingServer, uriOption } from "./tracking-server.ts";

/** The least that a metric has to be. */
interface Bar {
  readonly metric: string;
  readonly least: number;
}

interface PromoteOptions extends ServerOptions {
  readonly alias: string;
  readonly atLeast: readonly Bar[];
  readonly dryRun?: boolean;
  readonly format: "text" | "json";
}

const HELP = `
Moves an alias of a model to a version; the model API loads whatever the alias points to. Refused is a version that
isn't READY, doesn't say what it is (tags semantic_version, data_version, commit and a metric.NAME) or is below a quality
of --at-least.
What the alias pointed to before is printed: promoting that version again takes it back.
${SERVER_HELP}

Examples:
  $ bucketworks models promote identity-masker 7 --at-least f1=0.95 --platform mlops
  $ bucketworks models promote identity-masker challenger --alias production --dry-run

Exit codes: 0 the alias points there, 1 refused and nothing changed, 2 wrong use (no such model or version), 3 no answer
from MLflow, or a refusal`;

/** https://semver.org, its own expression. */
const SEMANTIC =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

/** `bucketworks models promote MODEL VERSION`: moves an alias. */
export function promoteCommand(checkout: Checkout = checkoutAt(ownRoot())): Command {
  return new Command("promote")
    .description("have an alias of a model point to another version")
    .argument("<model>")
    .argument("<version>", "version or alias")
    .addOption(platformOption())
    .addOption(uriOption())
    .addOption(new Option("--alias <alias>", "the alias to move").default("production").argParser(aliasOption))
    .addOption(
      new Option("--at-least <metric=number>", "quality it must have, again for more").argParser(barOption).default([]),
    )
    .option("--dry-run", "say what would change, and change nothing")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .addHelpText("after", HELP)
    .action((model: string, version: string, options: PromoteOptions) => promote(model, version, options, checkout));
}

async function promote(name: string, word: string, options: PromoteOptions, checkout: Checkout): Promise<void> {
  const { alias, atLeast, dryRun = false, format } = options;
  const registry = new Registry(trackingServer(options, checkout, process.env));
  const { versions } = await modelNamed(registry, name);
  const version = versionNamed(versions, name, word);
  const faults = promotionFaults(version, atLeast);
  if (faults.length > 0) {
    const lines = faults.map((fault) => `${name} version ${versionText(version)}: ${fault}`);
    throw new CommandError([...lines, `refused: alias ${alias} stays where it was`].join("\n"), EXIT.findings);
  }
  const before = versions.find(({ aliases }) => aliases.includes(alias));
  const isThere = before?.version === version.version;
  if (!dryRun && !isThere) {
    const deed = { action: "models.promote", object: `model/${name}@${alias}=${version.version}` };
    await audited(checkout, deed, () => registry.setAlias(name, alias, version.version));
  }
  if (format === "json") {
    const moved = !dryRun && !isThere;
    printJson({ schemaVersion: 1, model: name, alias, before: before ?? null, after: version, dryRun, moved });
  } else print(promotionLine({ name, alias, before, version, dryRun }));
}

interface Promotion {
  readonly name: string;
  readonly alias: string;
  readonly before: ModelVersion | undefined;
  readonly version: ModelVersion;
  readonly dryRun: boolean;
}

function promotionLine({ name, alias, before, version, dryRun }: Promotion): string {
  const after = versionText(version);
  if (before?.version === version.version) return `${name}: ${alias} is version ${after} already`;
  const was = before === undefined ? "was nothing" : `was version ${versionText(before)}`;
  return `${name}: ${alias} ${was}, ${dryRun ? "would be" : "is"} version ${after}${dryRun ? " (nothing was changed)" : ""}`;
}

/** Why a version must not be promoted, a text each. */
function promotionFaults(version: ModelVersion, bars: readonly Bar[]): string[] {
  const { status, semanticVersion, dataVersion, commit, metrics } = version;
  const missing = (tag: string): string => `has no tag ${tag}; training sets it when it registers a version`;
  return [
    ...(status !== "READY" ? [`its status is ${status}, not READY: its registration hasn't come to its end`] : []),
    ...(semanticVersion === null ? [missing("semantic_version")] : []),
    ...(semanticVersion !== null && !SEMANTIC.test(semanticVersion)
      ? [`its semantic_version is ${semanticVersion}, which is no semantic version like 1.4.0`]
      : []),
    ...(dataVersion === null ? [missing("data_version")] : []),
    ...(commit === null ? [missing("commit")] : []),
    ...(Object.keys(metrics).length === 0 ? [missing("metric.NAME")] : []),
    ...bars.flatMap(({ metric, least }) => {
      const value = metrics[metric];
      if (value === undefined) {
        const known = Object.keys(metrics).join(", ") || "none";
        return [`has no metric ${metric}, of which ${least} is asked; it has ${known}`];
      }
      return value < least ? [`its ${metric} is ${value}, below ${least}`] : [];
    }),
  ];
}

function aliasOption(text: string): string {
  // As MLflow has it: no number, since that would be a version.
  if (/^[A-Za-z][A-Za-z0-9_-]*$/.test(text) && !/^v\d+$/i.test(text) && text.toLowerCase() !== "latest") return text;
  throw new InvalidArgumentError(
    "must begin with a letter, hold letters, digits, _ and -, and be neither latest nor v1",
  );
}

function barOption(text: string, before: readonly Bar[]): readonly Bar[] {
  const [, metric = "", least = ""] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (metric === "" || !Number.isFinite(Number(least))) {
    throw new InvalidArgumentError("must be a metric and a number, like f1=0.95");
  }
  return [...before, { metric, least: Number(least) }];
}
