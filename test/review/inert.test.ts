import fc from "fast-check";
import { expect, test } from "vitest";
import type { ResolvedModel } from "../../config/model.ts";
import { commentText, markerOf } from "../../review/comment.ts";
import { md } from "../../review/markdown.ts";
import { readPreview } from "../../review/read-preview.ts";
import { reviewOf } from "../../review/review.ts";
import { HIDDEN, HOSTILE, hostileText } from "../support/hostile.ts";
import { nodesOf, parsed } from "../support/markdown.ts";
import { previewEvents } from "../support/preview-events.ts";
import { modelOf } from "../support/spec.ts";

/** A model holds the payloads, and YAML and JSON can say them. */
const PAYLOADS = HOSTILE.filter((text) => text.includes("INJECTED"));

/** On a machine with other work. */
const BUSY = { timeout: 60_000 };

const OURS =
  /^(<!-- bucketworks:comment stage=production -->|<details><summary>[A-Za-z ]+ \(\d+\)<\/summary>|<\/details>)$/;

function specs(change: string): string {
  return `metadata: {version: v1, description: PAYLOAD${change}}
bucket_groups:
  data:
    description: PAYLOAD
    versioning: true
    buckets:
      - {name: leaves, description: PAYLOAD}
      - {name: stays, description: PAYLOAD${change}, tags: {tag: PAYLOAD${change}}}
access:
  policies:
    p: {grants: [{role: read, bucket: stays}]}
  users:
    somebody: {policies: [p]}
`;
}

/** A model with the payload in every text of a platform, names included. */
function injected(model: ResolvedModel, payload: string): ResolvedModel {
  const text = JSON.stringify(model)
    .replaceAll("PAYLOAD", () => JSON.stringify(payload).slice(1, -1))
    .replaceAll('"stays"', () => JSON.stringify(`stays ${payload}`))
    .replaceAll('"leaves"', () => JSON.stringify(`leaves ${payload}`))
    .replaceAll('"somebody"', () => JSON.stringify(`somebody ${payload}`));
  return JSON.parse(text);
}

/** The same with every bucket opened below a prefix that is the payload. */
function opened(model: ResolvedModel, payload: string): ResolvedModel {
  const platforms = model.platforms.map((platform) => {
    return { ...platform, buckets: platform.buckets.map((bucket) => ({ ...bucket, publicRead: [payload] })) };
  });
  return { ...model, platforms };
}

function commentOn(payload: string): string {
  const before = injected(modelOf(specs(" before"), "production"), payload);
  const fewer = specs(" after").replace(/ {6}- \{name: leaves.*\n/, "");
  const open = opened(injected(modelOf(fewer, "production"), payload), payload);
  const finding = { policyName: `rule ${payload}`, enforcementLevel: payload, severity: payload, message: payload };
  const resourceUrn = `urn:pulumi:production::p::t::${payload}`;
  const said = {
    policies: [{ ...finding, resourceUrn }, finding],
    errors: [payload],
    warnings: [`${payload} again`],
    result: "failed",
  } as const;
  const preview = readPreview(previewEvents(before, open, said));
  if (typeof preview === "string") throw new Error(preview);
  const contents = new Map([[`leaves ${payload}`, { kind: "unknown", reason: payload }]] as const);
  const review = reviewOf({ before, after: open, preview, contents });
  return commentText(review, { stage: "production", artifact: undefined }).text;
}

test.each(PAYLOADS)("%j from a spec, a policy or the engine is text in a comment", (payload) => {
  const comment = commentOn(payload);
  const nodes = nodesOf(parsed(comment));
  expect(comment.match(/INJECTED/g)?.length).toBeGreaterThan(15);
  for (const node of nodes) {
    const { type } = node;
    if (type === "html") expect(node.value.trim()).toMatch(OURS);
    if (type === "text") expect(node.value).not.toContain("INJECTED");
    expect([
      "root",
      "heading",
      "paragraph",
      "list",
      "listItem",
      "strong",
      "text",
      "html",
      "inlineCode",
      "code",
    ]).toContain(type);
    if (type === "listItem") expect(node.checked ?? null).toBeNull();
  }
  const html = nodes.flatMap((node) => (node.type === "html" ? [node.value] : []));
  expect(html.filter((value) => value.startsWith("<!--"))).toEqual([markerOf("production")]);
  expect(comment.startsWith(`${markerOf("production")}\n`)).toBe(true);
  expect(comment).not.toMatch(HIDDEN);
});

test("any text is one code span, whatever stands around it", BUSY, () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const paragraph = parsed(md`before ${text} after`.text).children;
      expect(paragraph).toHaveLength(1);
      const nodes = paragraph[0] !== undefined && "children" in paragraph[0] ? paragraph[0].children : [];
      expect(nodes.map(({ type }) => type)).toEqual(["text", "inlineCode", "text"]);
    }),
    { numRuns: 300 },
  );
});
