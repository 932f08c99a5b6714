import { Command, Option } from "commander";
import type { ResolvedModel } from "../config/model.ts";
import { compareModels, type ModelDiff, type PartChange, type SettingChange } from "../config/model-diff.ts";
import { bytesText } from "../config/values/quota.ts";
import { modelOf, stageOption } from "./target/specs.ts";
import { counted, print, printJson } from "./terminal/print.ts";

interface DiffOptions {
  readonly from: string;
  readonly to: string;
  readonly format: "text" | "json";
  readonly quiet?: boolean;
}

const HELP = `
Both stages are resolved from the same files: no server is asked. Settings are those of the resolved model, as
explain --format json shows them; what every bucket has in common is said once.

Examples:
  $ bucketworks diff --from dev --to production
  $ bucketworks diff --from dev --to production --format json | jq '.parts[] | select(.kind == "policy")'

Exit codes: 0 shown, whether the stages differ or not; 1 the specs have faults; 2 wrong use (an unknown option, a file
that can't be read)`;

/** `bucketworks diff --from S --to S [FILE...]`: how two stages differ. */
export function diffCommand(): Command {
  const stage = (name: string, text: string): Option =>
    new Option(`--${name} <stage>`, text).argParser(stageOption).makeOptionMandatory();
  return new Command("diff")
    .description("show how two stages of the specs differ")
    .argument("[FILE...]", "platform files (default: those of the stack, bucketworks:platformsDir)")
    .addOption(stage("from", "the stage to start from"))
    .addOption(stage("to", "the stage to compare with it"))
    .addOption(new Option("--format <format>", "form of the output").choices(["text", "json"]).default("text"))
    .option("--quiet", "differences only, no heading")
    .addHelpText("after", HELP)
    .action(diff);
}

function diff(files: string[], { from, to, format, quiet }: DiffOptions): void {
  const [before, after] = [modelOf({ files, stage: from }), modelOf({ files, stage: to })];
  const found = compareModels(before, after);
  const head = quiet === true ? [] : [heading(found, from, to)];
  const lines = [...head, ...diffText(found, before, after)];
  if (format === "json") printJson({ schemaVersion: 1, from, to, ...found });
  else if (lines.length > 0) print(lines.join("\n"));
}

function heading({ connection, parts }: ModelDiff, from: string, to: string): string {
  if (connection.length + parts.length === 0) return `${from} -> ${to}: no difference`;
  const count = (change: PartChange["change"]): number => parts.filter((part) => part.change === change).length;
  return `${from} -> ${to}: ${count("changed")} changed, ${count("added")} added, ${count("removed")} removed`;
}

function diffText({ connection, parts }: ModelDiff, before: ResolvedModel, after: ResolvedModel): string[] {
  const shared = sharedChanges(parts, before, after);
  const own = (part: PartChange): SettingChange[] =>
    part.kind === "bucket"
      ? part.settings.filter((change) => !shared.includes(changeText(change)))
      : [...part.settings];
  const lines = connection.map(changeText);
  const count = counted(before.platforms.flatMap(({ buckets }) => buckets).length, "bucket");
  lines.push(...shared.map((text) => `all ${count}: ${text}`));
  let platform = "";
  for (const part of parts) {
    const settings = own(part);
    if (part.change === "changed" && settings.length === 0) continue;
    if (part.platform !== platform) lines.push(part.platform);
    platform = part.platform;
    const sign = { added: "+ ", removed: "- ", changed: "" }[part.change];
    lines.push(`  ${sign}${part.kind.replace("_", " ")} ${part.name}`);
    lines.push(...settings.map((change) => `    ${changeText(change)}`));
  }
  return lines;
}

/** Changes that each bucket of both stages has; with one bucket there is nothing to share. */
function sharedChanges(parts: readonly PartChange[], before: ResolvedModel, after: ResolvedModel): string[] {
  const size = (model: ResolvedModel): number => model.platforms.flatMap(({ buckets }) => buckets).length;
  const changed = parts.filter(({ kind, change }) => kind === "bucket" && change === "changed");
  if (changed.length < 2 || changed.length !== size(before) || changed.length !== size(after)) return [];
  const texts = changed.map(({ settings }) => settings.map(changeText));
  return (texts[0] ?? []).filter((text) => texts.every((each) => each.includes(text)));
}

function changeText({ setting, from, to }: SettingChange): string {
  const shown = (value: unknown): string => {
    if (value === null) return setting === "retentionDays" ? "forever" : "none";
    if (setting === "quotaBytes" && typeof value === "number") return bytesText(value);
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  return `${setting}: ${shown(from)} -> ${shown(to)}`;
}
