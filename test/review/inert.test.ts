import fc from "fast-check";
import { expect, test } from "vitest";
import type { ResolvedModel } from "../../config/model.ts";
import { commentText, markerOf } from "../../review/comment.ts";
import { code, fenced, md } from "../../review/markdown.ts";
import { readPreview } from "../../review/preview.ts";
import { reviewOf } from "../../review/review.ts";
import { nodesOf, parsed } from "../support/markdown.ts";
import { previewEvents } from "../support/preview-events.ts";
import { modelOf } from "../support/spec.ts";

/** What somebody might write into a description, a tag or a message; each says INJECTED, and does something. */
const PAYLOADS = [
  "@INJECTED please look, and @org/INJECTED",
  "<img src=x onerror=INJECTED> <script>INJECTED</script>",
  "</details></summary> INJECTED <!-- INJECTED",
  "[INJECTED](https://example.com) https://INJECTED.example.com www.INJECTED.example.com",
  "#1 GH-1 org/repo#1 INJECTED",
  "INJECTED ` INJECTED `` INJECTED ``` INJECTED",
  "`INJECTED",
  "INJECTED\n\n## INJECTED\n\n- [ ] INJECTED\n\n```\nINJECTED\n```\n~~~\nINJECTED",
  "INJECTED | INJECTED |\n|---|---|\n| INJECTED | INJECTED |",
  "![INJECTED](https://example.com/pixel.png) [^INJECTED]\n\n[^INJECTED]: INJECTED",
  "$INJECTED$ $$INJECTED$$ :INJECTED: **INJECTED** ~~INJECTED~~ &lt;INJECTED&gt;",
  `${markerOf("production")} INJECTED`,
  `INJECTED\n${markerOf("production")}`,
  "INJECTED \u202Eesrever\u2066 \u200B \u0007 \u001b[31m",
  "\\INJECTED\\",
];

/** On a machine with other work. */
const BUSY = { timeout: 60_000 };

const HIDDEN = ["\u200b", "\u202e", "\u2066", "\u0007", "\u001b"];

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
  const stakes = new Map([[`leaves ${payload}`, { kind: "unknown", reason: payload }]] as const);
  const review = reviewOf({ before, after: open, preview, stakes });
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
  expect([...comment].filter((character) => HIDDEN.includes(character))).toEqual([]);
});

test("any text is one code span, whatever stands around it", BUSY, () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const paragraph = parsed(md`before ${text} after`.text).children;
      expect(paragraph).toHaveLength(1);
      const nodes = paragraph[0] !== undefined && "children" in paragraph[0] ? paragraph[0].children : [];
      expect(nodes.map(({ type }) => type)).toEqual(["text", "inlineCode", "text"]);
    }),
    { numRuns: 300 },
  );
});

test("any text is one fenced block", BUSY, () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("`", "```", "~~~", "\n", "\r", " ", "    ", "a", "<", "\t", "\u2028"), {
        maxLength: 40,
      }),
      (parts) => {
        const blocks = parsed(`before\n\n${fenced(parts.join("")).text}\n\nafter`).children;
        expect(blocks.map(({ type }) => type)).toEqual(["paragraph", "code", "paragraph"]);
      },
    ),
    { numRuns: 300 },
  );
});

test("what is hidden or turned around is shown as what it is, and a long value is cut", () => {
  expect(code("a\u202Eb\u200Bc").text).toBe("`a\\u{202e}b\\u{200b}c`");
  expect(code("").text).toBe("`(empty)`");
  expect(code("x".repeat(10_000)).text).toHaveLength(303);
});
