import { isDeepStrictEqual } from "node:util";
import { bucketInputs } from "../builders/bucket-inputs.ts";
import type { Bucket, ResolvedModel } from "../config/model.ts";
import type { BucketInputs } from "../provider/bucket-types.ts";
import { type Markdown, md } from "./markdown.ts";
import { bucketsOf } from "./model-lookup.ts";
import type { BucketState } from "./preview-events.ts";
import { type BucketStep, destroys, type Preview } from "./read-preview.ts";
import { namesText } from "./subject-text.ts";

type Planned = BucketState["inputs"] | undefined;

/**
 * Where preview and specs disagree: a spec that changed after the preview, or a stack that isn't as the base says. What
 * a preview that came to no end didn't reach is no disagreement.
 */
export function disagreements(before: ResolvedModel, after: ResolvedModel, preview: Preview): Markdown[] {
  const [was, is] = [bucketsOf(before), bucketsOf(after)];
  const steps = [...preview.buckets.values()];
  const planned = steps.filter(({ op, new: made }) => made !== undefined && !destroys(op));
  const other = planned.filter((step) => !same(is.get(step.name), step.new, after.stage)).map(({ name }) => name);
  const reached = (name: string): boolean => preview.result !== "succeeded" || preview.buckets.has(name);
  const missed = [...is.keys()].filter((name) => !reached(name));
  const stale = [...other, ...missed].sort();
  const waiting = steps.filter((step) => waits(was.get(step.name), step, before.stage)).map(({ name }) => name);
  return [
    ...(stale.length > 0
      ? [
          md`**the preview was made from other specs**: ${namesText(stale)}; make preview and models again from one commit`,
        ]
      : []),
    ...(waiting.length > 0
      ? [
          md`the stack differs from the base: ${namesText(waiting.sort())}; an earlier change isn't deployed yet, so the preview contains it, too`,
        ]
      : []),
    ...(preview.unreadable > 0
      ? [md`events of the preview in a form that isn't known: ${preview.unreadable}; is it another version of Pulumi?`]
      : []),
  ];
}

/** A bucket that the stack has otherwise than the base, or that only one of them has. */
function waits(base: Bucket | undefined, step: BucketStep, stage: string): boolean {
  return step.old === undefined ? base !== undefined : !same(base, step.old, stage);
}

/**
 * `adopt` is consent for one run: it may come from the checkout, too. Rules of a lifecycle have no order: states that were
 * refreshed by earlier versions hold one that waits for its tier at the end.
 */
function same(bucket: Bucket | undefined, inputs: Planned, stage: string): boolean {
  if (bucket === undefined || inputs === undefined) return false;
  const { adopt: _wanted, ...wanted }: BucketInputs = bucketInputs(bucket, stage);
  const { adopt: _planned, ...planned } = inputs;
  return isDeepStrictEqual(JSON.parse(JSON.stringify(byRule(wanted))), byRule(planned));
}

function byRule(inputs: object): object {
  const { lifecycle } = inputs as { lifecycle?: unknown };
  if (!Array.isArray(lifecycle)) return inputs;
  return { ...inputs, lifecycle: lifecycle.toSorted(({ ID: a }, { ID: b }) => (a < b ? -1 : 1)) };
}
