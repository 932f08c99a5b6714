import { join } from "node:path";
import { expect, test } from "vitest";
import type { ResolvedModel } from "../../config/model.ts";
import { commentText } from "../../review/comment.ts";
import { readPreview } from "../../review/read-preview.ts";
import type { BucketContents } from "../../review/removal-changes.ts";
import { reviewOf } from "../../review/review.ts";
import { previewEvents, type Said } from "../support/preview-events.ts";
import { modelOf } from "../support/spec.ts";

/** A platform, and what a case changes of its text. */
const BASE = `metadata: {version: v1, description: shop}
bucket_groups:
  data:
    description: all of it
    retention_days: 365
    versioning: true
    noncurrent_days: 30
    encryption: sse-s3
    quota: 1TiB
    buckets:
      - {name: orders, description: what was bought}
      - name: ledger
        description: accounts
        retention_days: 3650
        object_lock: {mode: compliance, days: 3650}
      - name: images
        description: pictures
        lifecycle:
          - {id: thumbnails, prefix: thumbs/, expire_days: 30}
access:
  policies:
    reading: {grants: [{role: read, bucket: orders, prefixes: [eu/]}]}
    filling: {grants: [{role: write, bucket: images}]}
  groups:
    analysts: {policies: [reading]}
  users:
    ann: {groups: [analysts]}
    ben: {groups: [analysts]}
    loader: {policies: [filling]}
  service_accounts:
    nightly: {user: loader, policies: [filling]}
`;

type Edit = readonly [from: string, to: string];

interface Case {
  /** Of both sides. */
  readonly base?: readonly Edit[];
  readonly edits: readonly Edit[];
  /** Where the stack is as another spec has it, or the preview was made of another one, its text. */
  readonly said?: Said & { readonly has?: string; readonly plans?: string };
  readonly contents?: BucketContents;
  /** Characters. */
  readonly limit?: number;
}

const ORDERS = "      - {name: orders, description: what was bought}\n";
const ORDERS_READER = "reading: {grants: [{role: read, bucket: orders, prefixes: [eu/]}]}";

function edited(edits: readonly Edit[]): string {
  return edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the text has no ${from}`);
    return text.replace(from, to);
  }, BASE);
}

/** Settings of `orders`, written out. */
function orders(...settings: string[]): Edit {
  return [
    "{name: orders, description: what was bought}",
    `{name: orders, description: bought, ${settings.join(", ")}}`,
  ];
}

const CASES: Readonly<Record<string, Case>> = {
  "bucket-removed": {
    base: [
      ["{name: orders, description: what was bought}", "{name: orders, description: b, on_delete: delete_if_empty}"],
    ],
    edits: [
      ["      - {name: orders, description: b, on_delete: delete_if_empty}\n", ""],
      [ORDERS_READER, "reading: {grants: [{role: read, bucket: images, prefixes: [eu/]}]}"],
    ],
    contents: new Map([
      [
        "orders",
        {
          kind: "held",
          holdings: "200000 objects, 12 older versions, 0 delete markers, 1.2 TiB",
          complete: false,
          isEmpty: false,
        },
      ],
    ]),
  },
  "consent-comes-with-removal": {
    edits: [
      ["    quota: 1TiB\n", "    quota: 1TiB\n    on_delete: purge\n"],
      [ORDERS, ""],
      [ORDERS_READER, "reading: {grants: [{role: read, bucket: images, prefixes: [eu/]}]}"],
    ],
  },
  "bucket-released": {
    edits: [
      [ORDERS, ""],
      [ORDERS_READER, "reading: {grants: [{role: read, bucket: images, prefixes: [eu/]}]}"],
    ],
    contents: new Map([
      ["orders", { kind: "unknown", reason: "can't reach MinIO at http://[::1]:9: connection refused" }],
    ]),
  },
  "bucket-made-public": { edits: [orders("public_read: [eu/]")] },
  "retention-shortened": {
    edits: [
      ["    retention_days: 365\n", "    retention_days: 90\n"],
      ["noncurrent_days: 30", "noncurrent_days: 7"],
      [
        "- {id: thumbnails, prefix: thumbs/, expire_days: 30}",
        "- {id: thumbnails, prefix: thumbs/, expire_days: 1}\n          - {id: temporary, prefix: tmp/, expire_days: 2}",
      ],
    ],
  },
  "lock-weakened": {
    edits: [["object_lock: {mode: compliance, days: 3650}", "object_lock: {mode: governance, days: 30}"]],
  },
  "versioning-off": {
    edits: [
      [
        "      - {name: orders, description: what was bought}",
        "      - {name: orders, description: what was bought, versioning: false}",
      ],
    ],
  },
  "encryption-off": { edits: [orders("encryption: none")] },
  "access-widened": {
    edits: [
      [ORDERS_READER, "reading: {grants: [{role: read_write, bucket: orders}]}"],
      ["loader: {policies: [filling]}\n", "loader: {policies: [filling]}\n    eve: {policies: [filling]}\n"],
    ],
  },
  "protection-off": {
    edits: [orders("on_delete: purge", "adopt: true"), ["quota: 1TiB", "quota: 500GiB"]],
  },
  "policy-findings": {
    edits: [orders("encryption: none")],
    said: {
      result: "failed",
      policies: [
        {
          resourceUrn:
            "urn:pulumi:production::bucketworks::bucketworks:storage:Platform$bucketworks:index:Bucket::orders",
          policyName: "encryption-at-rest",
          enforcementLevel: "mandatory",
          severity: "high",
          message: "data is encrypted at rest\nbucket orders has encryption none; write encryption: sse-s3\n",
        },
        {
          policyName: "quota",
          enforcementLevel: "advisory",
          message: "a quota is set\nbucket images has none; write quota: 1TiB",
        },
      ],
    },
  },
  "preview-failed": {
    edits: [orders("retention_days: 30")],
    said: {
      result: "failed",
      errors: [
        "can't reach MinIO at https://minio.example.com:9000: connection refused; is it running?\nnothing was changed",
      ],
      warnings: ["a warning"],
    },
  },
  "preview-incomplete": {
    edits: [
      [ORDERS, ""],
      [ORDERS_READER, "reading: {grants: [{role: read, bucket: images}]}"],
    ],
    said: { result: null },
  },
  "preview-of-other-specs": {
    edits: [orders("retention_days: 30")],
    said: { plans: edited([orders("retention_days: 400")]) },
  },
  "earlier-change-waits": {
    edits: [orders("encryption: none")],
    said: { has: edited([[ORDERS, `${ORDERS}      - {name: gone-before, description: d, on_delete: purge}\n`]]) },
  },
  "nothing-at-risk": {
    edits: [
      [ORDERS, `${ORDERS}      - {name: returns, description: what came back}\n`],
      ["accounts", "the books"],
    ],
  },
  "no-change": { edits: [] },
  "too-long": {
    edits: [
      ["    retention_days: 365\n", "    retention_days: 90\n"],
      orders("encryption: none", "public_read: [eu/]"),
    ],
    limit: 700,
  },
};

/** The comment on a case, as it is posted. */
function commentOn({ base = [], edits, said, contents = new Map(), limit }: Case): string {
  const [before, after]: ResolvedModel[] = [edited(base), edited([...base, ...edits])].map((text) =>
    modelOf(text, "production"),
  );
  if (before === undefined || after === undefined) throw new Error("two models are compared");
  const [has, plans] = [said?.has, said?.plans].map((text) => text && modelOf(text, "production"));
  const preview = readPreview(previewEvents(has || before, plans || after, said));
  if (typeof preview === "string") throw new Error(preview);
  const review = reviewOf({ before, after, preview, contents });
  const options = { stage: "production", artifact: "preview-production.md", ...(limit !== undefined && { limit }) };
  return commentText(review, options).text;
}

test.each(Object.entries(CASES))("the comment on %s is the reviewed one (else: make golden)", async (name, of) => {
  await expect(commentOn(of)).toMatchFileSnapshot(join(import.meta.dirname, "../golden/comments", `${name}.md`));
});
