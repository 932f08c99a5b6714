import { join, relative } from "node:path";
import { accountPolicySizes } from "../../builders/account-policy-size.ts";
import { isStageName, splitLayers } from "../../config/document/overlay.ts";
import { loadPlatforms } from "../../config/document/platform-files.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { DEV_STAGE } from "../../config/rules/stage.ts";
import {
  formatIssue,
  loadModel,
  type ModelResult,
  type OverlayPlace,
  type SpecFiles,
  type SpecIssue,
} from "../../config/spec.ts";
import { PLATFORMS_DIR } from "../../config/stack/schema.ts";
import { nearest } from "../../config/values/nearest.ts";
import { ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { type SpecSettings, specSettings } from "../stack-file.ts";
import { counted, tell } from "../terminal/print.ts";

/** A stage of the specs in a project. */
export interface StageOfSpecs {
  readonly stage: string;
  /** The stack it was named by, if it was; several can have one stage. */
  readonly stack?: string | undefined;
  /** Platform files; empty is every platform of the stack. */
  readonly files: readonly string[];
  /** Root of the project. @default the checkout this program lies in */
  readonly root?: string | undefined;
}

/** The files of the command line, or every one of a folder of platform files, by its path in the project. */
export function specFiles(files: readonly string[], platformsDir: string, root = ownRoot()): SpecFiles {
  if (files.length > 0) return { files };
  return { dir: relative(process.cwd(), join(root, platformsDir)) || "." };
}

/**
 * The folder of platform files that a stack has: the one of that name, else one of that stage, else dev, which every
 * command means that is told no other.
 */
export function platformsDirOf(stacks: readonly SpecSettings[], name: string = DEV_STAGE): string {
  const found =
    stacks.find(({ stack }) => stack === name) ??
    stacks.find(({ stage }) => stage === name) ??
    stacks.find(({ stack }) => stack === DEV_STAGE);
  return found?.platformsDir ?? PLATFORMS_DIR;
}

/** The resolved model of a stage, to look at: the stage's rules on `minio_config` are check's. Throws for faults. */
export function modelOf({ files, stage, stack, root = ownRoot() }: StageOfSpecs): ResolvedModel {
  const stacks = specSettings(root);
  const from = specFiles(files, platformsDirOf(stacks, stack ?? stage), root);
  if (!stagesOf(stacks).has(stage)) warnOfUnknownStage(stage, overlaysIn(from), stacks);
  const use = { connection: false, credentials: false };
  const result = loadModel({ ...from, stage, env: process.env, use, rules: [accountPolicySizes] });
  return withoutFaults(result).model;
}

function overlaysIn(from: SpecFiles): string[] {
  return loadPlatforms(from).documents.flatMap(({ root }) => [...splitLayers(root).overlays.keys()]);
}

/** What the specs say. @throws CommandError with every fault of them */
export function withoutFaults(result: ModelResult): Extract<ModelResult, { ok: true }> {
  if (result.ok) return result;
  refuseUnreadable(result.issues);
  const lines = [...result.issues.map(formatIssue), `no model: ${counted(result.issues.length, "fault")}`];
  throw new CommandError(lines.join("\n"), EXIT.findings);
}

/** Commander's parser for `--stage`. */
export function stageOption(stage: string): string {
  if (isStageName(stage)) return stage;
  const message = `error: ${JSON.stringify(stage)} is not a stage name, allowed are lower-case letters, digits and dashes`;
  throw new CommandError(message, EXIT.wrongUse);
}

/** A file that can't be read is no finding: a wrong path is wrong use, and what the system refuses can't be looked at. */
export function refuseUnreadable(issues: readonly SpecIssue[]): void {
  const unreadable = issues.filter(({ code }) => code === "unreadable-file" || code === "refused-file");
  if (unreadable.length === 0) return;
  const lines = unreadable.map(({ file, message, fix }) => `error: ${file} ${message}; ${fix}`);
  const refused = unreadable.some(({ code }) => code === "refused-file");
  throw new CommandError(lines.join("\n"), refused ? EXIT.couldNotLook : EXIT.wrongUse);
}

/** Says on standard error that neither a stack nor a platform file knows a stage: no overlay is merged then. */
export function warnOfUnknownStage(stage: string, overlays: Iterable<string>, stacks: readonly SpecSettings[]): void {
  const known = new Set([...stagesOf(stacks), ...overlays]);
  if (known.has(stage)) return;
  const near = nearest(stage, known);
  const hint = near === null ? `there are ${[...known].sort().join(", ")}` : `did you mean ${near}?`;
  tell(`warning: no stack and no platform file knows stage ${JSON.stringify(stage)}, so no overlay is merged; ${hint}`);
}

/** Says on standard error which overlays are of a stage that no stack has: they apply nowhere. */
export function warnOfIdleOverlays(overlays: readonly OverlayPlace[], stacks: readonly SpecSettings[]): void {
  const used = stagesOf(stacks);
  for (const { stage, file, line, column } of overlays.filter((each) => !used.has(each.stage))) {
    const near = nearest(stage, used);
    const hint =
      near === null
        ? `stacks have the stages ${[...used].sort().join(", ")}; pulumi stack init ${stage} makes one`
        : `did you mean ${near}?`;
    tell(
      `warning: ${file}:${line}:${column} environments.${stage}: no stack has this stage, so its overlay never applies; ${hint}`,
    );
  }
}

/** Stages of a project's stacks; dev is that of every checkout. */
function stagesOf(stacks: readonly SpecSettings[]): ReadonlySet<string> {
  return new Set([DEV_STAGE, ...stacks.map(({ stage }) => stage)]);
}
