import { bucketInputs } from "../../builders/bucket-inputs.ts";
import type { Bucket, ResolvedModel } from "../../config/model.ts";

/** What a preview says beside its steps. */
export interface Said {
  readonly policies?: readonly Record<string, unknown>[];
  readonly errors?: readonly string[];
  readonly warnings?: readonly string[];
  /** `null` leaves the summary out: the stream breaks off. @default "succeeded" */
  readonly result?: "succeeded" | "failed" | null;
  /** Stack in the URNs. @default "production" */
  readonly stack?: string;
}

/** The stream of the engine for a stack that is as `before` has it and becomes as `after`: buckets alone. */
export function previewEvents(before: ResolvedModel, after: ResolvedModel, said: Said = {}): string {
  const { policies = [], errors = [], warnings = [], result = "succeeded", stack = "production" } = said;
  const steps = bucketSteps(before, after, stack);
  const events = [
    { preludeEvent: { config: { "bucketworks:stage": stack } } },
    ...steps.map((metadata) => ({ resourcePreEvent: { metadata, planning: true } })),
    ...policies.map((policyEvent) => ({ policyEvent: { color: "never", policyPackName: "p", ...policyEvent } })),
    ...warnings.map((message) => ({ diagnosticEvent: { prefix: "warning: ", message, severity: "warning" } })),
    ...errors.map((message) => ({ diagnosticEvent: { prefix: "error: ", message, severity: "error" } })),
    ...(result === null ? [] : [{ summaryEvent: { ...counts(steps), isPreview: true, result } }, { cancelEvent: {} }]),
  ];
  return events.map((event, sequence) => `${JSON.stringify({ sequence, timestamp: 1, ...event })}\n`).join("");
}

function counts(steps: readonly { op: string }[]) {
  const ops = [...new Set(steps.map(({ op }) => op))].sort();
  return { resourceChanges: Object.fromEntries(ops.map((op) => [op, steps.filter((step) => step.op === op).length])) };
}

function bucketSteps(before: ResolvedModel, after: ResolvedModel, stack: string) {
  const [was, is] = [before, after].map(
    ({ platforms }) => new Map(platforms.flatMap(({ buckets }) => buckets).map((bucket) => [bucket.name, bucket])),
  ) as [Map<string, Bucket>, Map<string, Bucket>];
  return [...new Set([...was.keys(), ...is.keys()])].sort().map((name) => {
    const [old, made] = [state(was.get(name), before), state(is.get(name), after)];
    const diffs = Object.keys({ ...old?.inputs, ...made?.inputs }).filter(
      (key) => JSON.stringify(Object(old?.inputs)[key]) !== JSON.stringify(Object(made?.inputs)[key]),
    );
    const changed = diffs.length > 0 ? "update" : "same";
    const op = old === null ? "create" : made === null ? "delete" : changed;
    const type = "bucketworks:index:Bucket";
    const urn = `urn:pulumi:${stack}::bucketworks::bucketworks:storage:Platform$${type}::${name}`;
    return { op, urn, type, old, new: made, ...(op === "update" && { diffs }), detailedDiff: null };
  });
}

function state(bucket: Bucket | undefined, { stage }: ResolvedModel) {
  return bucket === undefined
    ? null
    : { protect: bucket.protect, inputs: { ...bucketInputs(bucket, stage) }, outputs: {} };
}
