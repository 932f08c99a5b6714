import type { OnDelete, ResolvedModel } from "../config/model.ts";
import { bucketsOf } from "./model-lookup.ts";
import { type BucketStep, destroys, type Preview } from "./read-preview.ts";

/** A bucket that leaves the stack. */
export interface Removal {
  readonly bucket: string;
  readonly platform: string;
  /** As the last update recorded it, which is what counts; else as the base has it. */
  readonly onDelete: OnDelete | null;
  readonly protect: boolean;
  /** What the preview does with it; `unknown` where it came to no end. */
  readonly preview: "deletes" | "replaces" | "leaves" | "unknown";
  /** False where the base of the change doesn't have it either. */
  readonly inBase: boolean;
}

/** Buckets that the specs no longer have, and those that the preview deletes or replaces anyway; by name. */
export function removals(before: ResolvedModel, after: ResolvedModel, preview: Preview): Removal[] {
  const [was, is] = [bucketsOf(before), bucketsOf(after)];
  const gone = [...was.keys()].filter((name) => !is.has(name));
  const destroyed = [...preview.buckets.values()].filter(({ op }) => destroys(op)).map(({ name }) => name);
  return [...new Set([...gone, ...destroyed])].sort().map((name): Removal => {
    const [step, bucket] = [preview.buckets.get(name), was.get(name) ?? is.get(name)];
    const recorded = step?.old?.declared;
    return {
      bucket: name,
      platform: bucket?.platform ?? recorded?.platform ?? "",
      onDelete: recorded?.onDelete ?? bucket?.onDelete ?? null,
      protect: step?.protect ?? bucket?.protect ?? false,
      preview: outcome(preview, step),
      inBase: was.has(name),
    };
  });
}

function outcome({ result }: Preview, step: BucketStep | undefined): Removal["preview"] {
  if (step === undefined) return result === "succeeded" ? "leaves" : "unknown";
  if (!destroys(step.op)) return "leaves";
  return step.op === "delete" ? "deletes" : "replaces";
}
