import { expect, test } from "vitest";
import { COMMENT_LIMIT, commentText, wholeText } from "../../review/comment.ts";
import { readPreview } from "../../review/read-preview.ts";
import { type Review, reviewOf } from "../../review/review.ts";
import { nodesOf, parsed } from "../support/markdown.ts";
import { previewEvents } from "../support/preview-events.ts";
import { modelOf } from "../support/spec.ts";
import { manyBuckets, platformFile } from "../support/specs.ts";

/** 500 buckets that lose their encryption, and 500 resources that change. */
function large(): Review {
  const text = platformFile(manyBuckets(500, "a-bucket-with-a-long-name"));
  const [before, after] = [text, text.replace("encryption: sse-s3", "encryption: none")].map((spec) => modelOf(spec));
  if (before === undefined || after === undefined) throw new Error("two models are compared");
  const preview = readPreview(previewEvents(before, after));
  if (typeof preview === "string") throw new Error(preview);
  return reviewOf({ before, after, preview, contents: new Map() });
}

test("a comment of any limit keeps to it, says how much is missing, and what it holds is whole", {
  timeout: 60_000,
}, () => {
  const review = large();
  const whole = wholeText(review, "production");
  expect(whole.length).toBeGreaterThan(COMMENT_LIMIT);
  const lines = whole.match(/^ *- /gm)?.length ?? 0;
  for (const limit of [600, 601, 650, 2_000, 33_333, COMMENT_LIMIT]) {
    const { text, left } = commentText(review, { stage: "production", artifact: "all of it.md", limit });
    expect(text.length).toBeLessThanOrEqual(limit);
    expect(text).toContain(`${left} more lines have no room here; for all of it see \`all of it.md\``);
    expect((text.match(/^ *- /gm)?.length ?? 0) + left).toBe(lines);
    const html = nodesOf(parsed(text)).filter(({ type }) => type === "html");
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    expect(html[0]).toMatchObject({ value: "<!-- bucketworks:comment stage=production -->" });
  }
});

test("where there is no artifact, a comment that is cut says how to get one", () => {
  const { text } = commentText(large(), { stage: "production", artifact: undefined });
  expect(text).toContain("run `bucketworks comment` with `--artifact`");
});
