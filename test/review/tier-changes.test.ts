import { expect, test } from "vitest";
import type { Preview, Step } from "../../review/read-preview.ts";
import { reviewOf } from "../../review/review.ts";
import { summary } from "../../review/sections.ts";
import { subjectText } from "../../review/subject-text.ts";
import { modelOf } from "../support/spec.ts";

const MODEL = modelOf("bucket_groups: {}");

function review(...steps: Step[]) {
  const preview: Preview = {
    ...{ stack: "dev", result: "succeeded", steps, buckets: new Map(), counts: {} },
    ...{ policies: [], diagnostics: [], unreadable: 0 },
  };
  return reviewOf({ before: MODEL, after: MODEL, preview, contents: new Map() });
}

const step = (op: string, diffs: string[] = [], type = "Tier"): Step => ({ op, type, name: "GLACIER", diffs });
const texts = (...steps: Step[]) => {
  const { risky, rest } = review(...steps);
  return [...risky, ...rest].flatMap(({ changes }) => changes.map(({ risk, text }) => `${risk}: ${text.text}`));
};

test("a tier that is taken out is among what to look at first, with what becomes of the objects in it", () => {
  const { risky } = review(step("delete"));
  expect(risky.map(({ subject }) => subjectText(subject).text)).toEqual(["**tier `GLACIER`**"]);
  expect(texts(step("delete"))[0]).toMatch(
    /^tier: taken out: it stays on the server with its key, unless .*delete_if_empty/,
  );
  expect(summary(review(step("delete"))).text).toContain("1 × tier leaves the stack");
});

test("a tier that is made, gets another key or is refused is told in its own words, and nothing of other resources", () => {
  expect(texts(step("create"))[0]).toMatch(/^rest: added: rules that name it move objects to another store/);
  expect(texts(step("update", ["secretKey"]))).toEqual(["rest: gets another key; where it leads stays as it is"]);
  expect(texts(step("update", ["onDelete", "secretKey"]))[0]).toMatch(/^rest: changed: .*onDelete.*secretKey/);
  expect(texts(step("replace"))[0]).toMatch(/^tier: .*refused/);
  expect(texts(step("delete", [], "IamPolicy"))).toEqual([]);
});
