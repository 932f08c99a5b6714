import { loadPlatforms, type SpecFiles } from "./document/platform-files.ts";
import type { Env } from "./document/variables.ts";
import { type SpecIssue, tidyIssues } from "./issues.ts";
import type { ResolvedModel } from "./model.ts";
import { resolveModel } from "./resolve/resolve.ts";
import { type FindPlace, placesIn } from "./rules/named-places.ts";
import type { DocumentRule } from "./rules/rule.ts";
import type { FallbackUse } from "./rules/stage.ts";
import type { View } from "./rules/stage-view.ts";
import { type OverlayPlace, type Validation, validate } from "./rules/validate.ts";

export type { SpecFiles } from "./document/platform-files.ts";
export type { SpecIssue } from "./issues.ts";
export { formatIssue } from "./issues.ts";
export type { SpecPlace } from "./rules/named-places.ts";
export type { FallbackUse } from "./rules/stage.ts";
export type { OverlayPlace } from "./rules/validate.ts";

/** The fallback credentials of `minio_config`. Never printed, never in the model. */
export interface Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** What a spec is read from: `{ files }` or `{ dir }`, and how. */
export type SpecSource = SpecFiles & {
  /** Names of platforms to read; absent reads all. */
  readonly platforms?: readonly string[] | undefined;
  /** Environment variables for `minio_config`. */
  readonly env: Env;
  /**
   * Which parts of `minio_config` the stage uses, because stack config gives no other.
   * @default both, as for stand-alone use
   */
  readonly use?: FallbackUse | undefined;
  /** Rules on a document that rest on what stands right of `config`: commands that write or judge give them. @default none */
  readonly rules?: readonly DocumentRule[] | undefined;
};

export type ModelResult =
  | { readonly ok: true; readonly model: ResolvedModel; readonly credentials: Credentials | null }
  | { readonly ok: false; readonly issues: readonly SpecIssue[] };

export interface SpecReport {
  /** Files read and understood as YAML. */
  readonly files: readonly string[];
  /** Buckets in the base documents, or in the stage's where one was asked for. */
  readonly buckets: number;
  /** Overlays of every stage, asked for or not. */
  readonly overlays: readonly OverlayPlace[];
  readonly issues: readonly SpecIssue[];
  /** Of the stage that was asked for; null without one, and where there are issues. */
  readonly model: ResolvedModel | null;
  /** Where a bucket, policy, group, user or service account is named. */
  readonly placeOf: FindPlace;
}

/**
 * Specs to the resolved model of a stage, with the fallback credentials beside it.
 * Refuses exactly what `checkSpecs` finds for that stage; never throws for a user's fault.
 */
export function loadModel(source: SpecSource & { readonly stage: string }): ModelResult {
  const { views, issues } = validateSource(source, source.stage);
  if (issues.length > 0) return { ok: false, issues };
  return { ok: true, model: modelOf(views, source.stage), credentials: fallbackCredentials(views) };
}

/** Every fault of the specs; with a stage that stage's rules too. */
export function checkSpecs(source: SpecSource & { readonly stage: string | null }): SpecReport {
  const { views, overlays, issues } = validateSource(source, source.stage);
  const buckets = views.reduce((sum, view) => sum + view.buckets.length, 0);
  const { stage } = source;
  return {
    files: views.map(({ document }) => document.file),
    buckets,
    overlays,
    issues,
    model: stage === null || issues.length > 0 ? null : modelOf(views, stage),
    placeOf: placesIn(views),
  };
}

function modelOf(views: readonly View[], stage: string): ResolvedModel {
  const specs = views.map(({ document, spec }) => ({ platform: document.platform, spec }));
  return resolveModel(specs, stage);
}

function validateSource(source: SpecSource, stage: string | null): Validation {
  const loaded = loadPlatforms(source, source.platforms ?? null);
  const use = source.use ?? { connection: true, credentials: true };
  const validation = validate(loaded.documents, { stage, env: source.env, use, rules: source.rules });
  return { ...validation, issues: tidyIssues([...loaded.issues, ...validation.issues]) };
}

function fallbackCredentials(views: readonly View[]): Credentials | null {
  for (const { spec } of views) {
    const { access_key, secret_key } = spec.minio_config ?? {};
    if (access_key !== undefined && secret_key !== undefined) return { accessKey: access_key, secretKey: secret_key };
  }
  return null;
}
