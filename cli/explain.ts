import { resolve } from "node:path";
import { Command, Option } from "commander";
import { instancesOf } from "../builders/services/declared.ts";
import type { Bucket, Platform, ResolvedModel } from "../config/model.ts";
import { notificationText } from "../config/values/notifications.ts";
import { bytesText } from "../config/values/quota.ts";
import { ownRoot } from "./checkout.ts";
import { modelOf, stageOption } from "./target/specs.ts";
import { counted, print, printJson, table } from "./terminal/print.ts";

interface ExplainOptions {
  readonly stage: string;
  readonly stack?: string;
  readonly project?: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
The resolved model is what a stage will be: the stage's overlay merged, every default applied.
It contains no credentials. JSON is the model itself, stable and sorted.

Examples:
  $ bucketworks explain --stage dev
  $ bucketworks explain --stage production --format json config/platforms/usdcop.yaml

Exit codes: 0 shown, 1 the specs have faults, 2 wrong use (an unknown option, a file that can't be read)`;

/** `bucketworks explain --stage S [FILE...]`: the resolved model, for people or for programs. */
export function explainCommand(): Command {
  return new Command("explain")
    .description("show the resolved model of a stage")
    .argument("[FILE...]", "platform files (default: those of the stack, bucketworks:platformsDir)")
    .addOption(new Option("--stage <stage>", "the stage to resolve").argParser(stageOption).makeOptionMandatory())
    .option("--project <folder>", "project of the stack and its platform files (default: this checkout)")
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("--quiet", "tables only, no headings")
    .addHelpText("after", HELP)
    .action(explain);
}

function explain(files: string[], options: ExplainOptions): void {
  const { stage, stack, project } = options;
  const root = project === undefined ? ownRoot() : resolve(project);
  const model = modelOf({ files, stage, stack, root });
  if (options.format === "json") printJson(model);
  else print(modelText(model, options.quiet ?? false));
}

function modelText(model: ResolvedModel, quiet: boolean): string {
  const { connection, stage } = model;
  const server = connection === null ? "none" : `${connection.secure ? "https" : "http"}://${connection.endpoint}`;
  const head = quiet ? [] : [`stage ${stage}, fallback server ${server}`];
  return [...head, ...model.platforms.map((platform) => platformText(platform, quiet))].join("\n\n");
}

function platformText(platform: Platform, quiet: boolean): string {
  const { name, version, description, buckets } = platform;
  const title = [name, version, description].filter((part) => part !== "").join(" - ");
  const head = ["BUCKET", "GROUP", "LAYER", "RETENTION", "VERSIONING", "ENCRYPTION", "QUOTA", "PUBLIC", "ON DELETE"];
  const rows = buckets.map(bucketRow);
  const lines = quiet ? [] : [`${title} (${counted(buckets.length, "bucket")})`];
  return [
    ...lines,
    table([head, ...rows]),
    ...(quiet ? [] : [...copyLines(platform), ...notificationLines(platform), ...serviceLines(platform)]),
  ].join("\n");
}

function notificationLines({ buckets }: Platform): string[] {
  return buckets.flatMap(({ name, notifications }) => {
    if (notifications === null || notifications.length === 0) return [];
    return [`${name} tells ${notifications.map(notificationText).join(", ")}`];
  });
}

/** A line a bucket that is copied to other servers. */
function copyLines({ buckets }: Platform): string[] {
  return buckets.flatMap(({ name, replication }) => {
    const places = replication.map(({ to, bucket, prefix, deleteMarkers, deleteVersions }) => {
      const more = [
        ...(prefix === "" ? [] : [`below ${prefix}`]),
        ...(deleteMarkers ? ["with delete markers"] : []),
        ...(deleteVersions ? ["with deleted versions"] : []),
      ];
      return `${bucket} of ${to}${more.length === 0 ? "" : ` (${more.join(", ")})`}`;
    });
    return places.length === 0 ? [] : [`replication: ${name} to ${places.join(", ")}`];
  });
}

/** Most are of the whole stack; they stand at each platform that asks for them. */
function serviceLines(platform: Platform): string[] {
  const { prometheus } = platform.services;
  const asked = instancesOf([platform]).map(({ name, kind, port }) =>
    kind === "prometheus" && prometheus !== null
      ? `${name} on ${port} (every ${prometheus.scrapeSeconds} s, ${prometheus.retentionDays} days, ${bytesText(prometheus.maxBytes)} at most)`
      : `${name} on ${port}`,
  );
  return asked.length === 0 ? [] : [`services: ${asked.join(", ")}`];
}

function bucketRow(bucket: Bucket): string[] {
  const { encryption, retentionDays, versioning, noncurrentDays, quotaBytes } = bucket;
  return [
    bucket.name,
    bucket.group,
    bucket.layer ?? "-",
    retentionDays === null ? "for ever" : `${retentionDays} days`,
    versioning ? `on, ${noncurrentDays === null ? "for ever" : `${noncurrentDays} days`}` : "off",
    encryption.type === "sse-kms" ? `sse-kms:${encryption.key}` : encryption.type,
    quotaBytes === null ? "-" : bytesText(quotaBytes),
    bucket.publicRead.length === 0 ? "-" : bucket.publicRead.join(","),
    bucket.onDelete,
  ];
}
