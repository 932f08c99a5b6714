import { parseSpec, type SpecDocument } from "../../config/document/load.ts";
import { formatIssue, type SpecIssue, tidyIssues } from "../../config/issues.ts";
import type { ResolvedModel } from "../../config/model.ts";
import { resolveModel } from "../../config/resolve/resolve.ts";
import { type ValidateOptions, type Validation, validate } from "../../config/rules/validate.ts";

/** Texts by file name. */
export type Texts = Readonly<Record<string, string>>;

/** Judges texts as the files of one stack. */
export function judgeTexts(texts: Texts, options: Partial<ValidateOptions> = {}): Validation {
  const issues: SpecIssue[] = [];
  const documents: SpecDocument[] = [];
  for (const [file, text] of Object.entries(texts)) {
    const loaded = parseSpec(file, text);
    issues.push(...loaded.issues);
    if (loaded.document !== null) documents.push(loaded.document);
  }
  const use = { connection: true, credentials: true };
  const judged = validate(documents, { stage: null, env: {}, use, ...options });
  return { ...judged, issues: tidyIssues([...issues, ...judged.issues]) };
}

/** The faults of one text, formatted, without the file name. */
export function faultsOf(text: string, options: Partial<ValidateOptions> = {}): string[] {
  return judgeTexts({ "a.yaml": text }, options).issues.map((issue) =>
    formatIssue(issue).replaceAll(/a\.yaml[: ]/g, ""),
  );
}

/** The resolved model of a text that must be right; the stage's rules on `minio_config` stay silent. */
export function modelOf(text: string, stage = "dev", env: ValidateOptions["env"] = {}): ResolvedModel {
  const { views, issues } = judgeTexts(
    { "a.yaml": text },
    { stage, env, use: { connection: false, credentials: false } },
  );
  if (issues.length > 0) throw new Error(issues.map(formatIssue).join("\n"));
  return resolveModel(
    views.map(({ document, spec }) => ({ platform: document.platform, spec })),
    stage,
  );
}
