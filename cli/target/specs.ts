import { join, relative } from "node:path";
import { accountPolicySizes } from "../../builders/account-policy-size.ts";
import { isStageName, splitLayers } from "../../config/document/overlay.ts";
import { loadPlatforms } from "../../config/document/platform-files.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { DEV_STAGE } from "../../config/rules/stage.ts";
import { formatIssue, loadModel, type ModelResult, type SpecFiles, type SpecIssue } from "../../config/spec.ts";
import { nearest } from "../../config/values/nearest.ts";
import { ownRoot } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { hasStackFile } from "../stack-file.ts";
import { counted, tell } from "../terminal/print.ts";

/** The files of the command line, or every platform of this checkout. */
export function specFiles(files: readonly string[]): SpecFiles {
  if (files.length > 0) return { files };
  const dir = join(ownRoot(), "config", "platforms");
  return { dir: relative(process.cwd(), dir) || "." };
}

/** The resolved model of a stage, to look at: the stage's rules on `minio_config` are check's. Throws for faults. */
export function modelOf({ files, stage }: { files: readonly string[]; stage: string }): ResolvedModel {
  warnOfUnknownStage(stage, files);
  const use = { connection: false, credentials: false };
  const result = loadModel({ ...specFiles(files), stage, env: process.env, use, rules: [accountPolicySizes] });
  return withoutFaults(result).model;
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
export function warnOfUnknownStage(stage: string, files: readonly string[]): void {
  if (stage === DEV_STAGE || hasStackFile(ownRoot(), stage)) return;
  const known = new Set([
    DEV_STAGE,
    ...loadPlatforms(specFiles(files)).documents.flatMap(({ root }) => [...splitLayers(root).overlays.keys()]),
  ]);
  if (known.has(stage)) return;
  const near = nearest(stage, [...known]);
  const hint = near === null ? `there are ${[...known].sort().join(", ")}` : `did you mean ${near}?`;
  tell(`warning: no stack and no platform file knows stage ${JSON.stringify(stage)}, so no overlay is merged; ${hint}`);
}
