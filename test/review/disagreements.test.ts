import { expect, test } from "vitest";
import { disagreements } from "../../review/disagreements.ts";
import { readPreview } from "../../review/read-preview.ts";
import { previewEvents } from "../support/preview-events.ts";
import { modelOf } from "../support/spec.ts";

const SPEC = `
bucket_groups:
  all:
    versioning: true
    buckets:
      - name: raw-data
        lifecycle:
          - {id: ArchiveOldData, prefix: old/, transition: {days: 9, tier: GLACIER}}
          - {id: drop-cache, prefix: _cache/, expire_days: 7}
`;
const model = modelOf(SPEC, "production");

/** What the comment says of a stack in whose state an edit was made. */
function said(edit: (inputs: Record<string, unknown>) => object): readonly unknown[] {
  const events = previewEvents(model, model)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const { resourcePreEvent } of events) {
    const old = resourcePreEvent?.metadata.old;
    if (old) old.inputs = edit(old.inputs);
  }
  const preview = readPreview(events.map((event) => JSON.stringify(event)).join("\n"));
  if (typeof preview === "string") throw new Error(preview);
  return disagreements(model, model, preview);
}

const rules = ({ lifecycle }: Record<string, unknown>) => lifecycle as { ID: string; Filter: object }[];

test.each<[string, (inputs: Record<string, unknown>) => object]>([
  ["as it was", (inputs) => inputs],
  ["whose rules a refresh left in another order", (inputs) => ({ ...inputs, lifecycle: rules(inputs).reverse() })],
  [
    "with the rule that waits for its tier at the end",
    (inputs) => ({ ...inputs, lifecycle: rules(inputs).sort((a) => (a.ID === "ArchiveOldData" ? 1 : -1)) }),
  ],
  ["with keys in another order", (inputs) => Object.fromEntries(Object.entries(inputs).reverse())],
])("a stack %s is as the base has it", (_, edit) => {
  expect(said(edit)).toEqual([]);
});

test.each<[string, (inputs: Record<string, unknown>) => object]>([
  ["a rule less", (inputs) => ({ ...inputs, lifecycle: rules(inputs).slice(1) })],
  ["another rule", (inputs) => ({ ...inputs, lifecycle: rules(inputs).map((rule) => ({ ...rule, Filter: {} })) })],
])("a stack with %s isn't", (_, edit) => {
  expect(JSON.stringify(said(edit))).toContain("raw-data");
});
