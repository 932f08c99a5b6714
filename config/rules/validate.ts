import type { SpecDocument } from "../document/load.ts";
import { type Layers, mergeOverlay, splitLayers } from "../document/overlay.ts";
import { overlayNameFaults } from "../document/overlay-names.ts";
import { placeOf } from "../document/source-tree.ts";
import { type Env, expandVariables } from "../document/variables.ts";
import { type SpecIssue, tidyIssues } from "../issues.ts";
import { validPart } from "../resolve/partial.ts";
import type { DocumentRule } from "./rule.ts";
import { documentFaults, stackIssues } from "./rules.ts";
import { type FallbackUse, stageFaults } from "./stage.ts";
import { placeFault, type View, viewOf } from "./stage-view.ts";

export interface ValidateOptions {
  /** Adds the rules of this stage; null judges the documents and every overlay's merged result alone. */
  readonly stage: string | null;
  readonly env: Env;
  /** Parts of `minio_config` the stage uses; matters with a stage only. */
  readonly use: FallbackUse;
  /** Rules on a document that rest on what stands right of `config`. @default none */
  readonly rules?: readonly DocumentRule[] | undefined;
}

export interface Validation {
  /** The documents as the stage sees them, overlays merged; in the order given. */
  readonly views: readonly View[];
  /** Of every stage that a document has one for. */
  readonly overlays: readonly OverlayPlace[];
  readonly issues: readonly SpecIssue[];
}

/** Where an overlay's stage is named; line and column from 1. */
export interface OverlayPlace extends Pick<SpecIssue, "file" | "line" | "column"> {
  readonly stage: string;
}

/** Judges the documents of one stack: each as written, each with every overlay merged, and all together. */
export function validate(documents: readonly SpecDocument[], options: ValidateOptions): Validation {
  const issues: SpecIssue[] = [];
  const layered = documents.map((document) => {
    const expanded = expandVariables(document.root, options.env);
    const layers = splitLayers(expanded.root);
    for (const fault of [...expanded.faults, ...layers.faults]) {
      issues.push(placeFault(fault, document, null, document.root));
    }
    return { document, layers };
  });
  const stages = new Set<string>(layered.flatMap(({ layers }) => [...layers.overlays.keys()]));
  if (options.stage !== null) stages.add(options.stage);
  let result: View[] = [];
  for (const stage of [null, ...[...stages].sort()]) {
    const views = layered.map(({ document, layers }) =>
      viewStage(document, layers, { stage, rules: options.rules }, issues),
    );
    issues.push(...stackIssues(views));
    if (stage === options.stage) result = views;
  }
  for (const view of options.stage === null ? [] : result) {
    const faults = stageFaults(view, options.stage ?? "", options.use);
    issues.push(...faults.map((fault) => placeFault(fault, view.document, options.stage, view.root)));
  }
  const overlays = layered.flatMap(({ document, layers }) =>
    [...layers.overlays.keys()].map((stage) => overlayPlace(document, stage)),
  );
  return { views: result, overlays, issues: tidyIssues(issues) };
}

function overlayPlace({ file, root, lines }: SpecDocument, stage: string): OverlayPlace {
  const { line, col } = lines.linePos(placeOf(root, ["environments", stage], true).offset);
  return { stage, file, line, column: col };
}

function viewStage(
  document: SpecDocument,
  layers: Layers,
  { stage, rules = [] }: Pick<ValidateOptions, "stage" | "rules">,
  issues: SpecIssue[],
): View {
  const overlay = stage === null ? undefined : layers.overlays.get(stage);
  const merged = overlay === undefined ? { root: layers.base, faults: [] } : mergeOverlay(layers.base, overlay);
  const names = overlay === undefined ? [] : overlayNameFaults(layers.base, overlay);
  for (const fault of [...merged.faults, ...names]) issues.push(placeFault(fault, document, null, document.root));
  const part = validPart(merged.root);
  const view = viewOf(document, stage, merged.root, part);
  const faults = [...part.faults, ...documentFaults(view), ...rules.flatMap((rule) => rule(view))];
  issues.push(...faults.map((fault) => placeFault(fault, document, stage, merged.root)));
  return view;
}
