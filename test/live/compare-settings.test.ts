import { describe, expect, test } from "vitest";
import { findingLine } from "../../live/bucket-words.ts";
import { compareSettings } from "../../live/compare-settings.ts";
import type { BucketSettings } from "../../provider/bucket-types.ts";

const RULE = { ID: "retention", Status: "Enabled", Filter: {}, Expiration: { Days: 7 } } as const;
const PUBLIC = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: ["*"] }, Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::b/*"] },
    { Effect: "Deny", Principal: { AWS: ["x"] }, NotAction: ["s3:GetObject"], Resource: ["arn:aws:s3:::b"] },
  ],
};

function lines(expected: Partial<BucketSettings>, actual: Partial<BucketSettings>, beyond = {}): string[] {
  const none: BucketSettings = { versioning: false, tags: {}, lifecycle: [] };
  const held = { settings: { ...none, ...actual }, beyond, notifications: [] };
  const differences = compareSettings({ ...none, ...expected }, held);
  return differences.map((each) => findingLine({ bucket: "b", ...each }));
}

describe("a difference is one line:", () => {
  test.each<[Partial<BucketSettings>, Partial<BucketSettings>, string[]]>([
    [{ tags: { a: "1" } }, { tags: { a: "2" } }, ['b tags.a: expected "1", is "2"']],
    [{ tags: { "a b": "1" } }, {}, ['b tags["a b"]: expected "1", is none']],
    [{}, { tags: { a: "" } }, ['b tags.a: expected none, is ""']],
    [{ versioning: true }, {}, ["b versioning: expected on, is off"]],
    [{ quota: 5 }, {}, ["b quota: expected 5 bytes, is none"]],
    [{ lifecycle: [RULE] }, {}, ['b lifecycle.retention: expected a rule with Expiration {"Days":7}, is none']],
    [
      { lifecycle: [RULE] },
      { lifecycle: [{ ...RULE, Status: "Disabled", Filter: { Prefix: "x/" } }] },
      [
        'b lifecycle.retention.Filter.Prefix: expected none, is "x/"',
        'b lifecycle.retention.Status: expected "Enabled", is "Disabled"',
      ],
    ],
    [
      {},
      { lifecycle: [{ ...RULE, Status: "Disabled", Filter: { Prefix: "x/" } }] },
      ['b lifecycle.retention: expected none, is a rule (disabled) with Expiration {"Days":7} where {"Prefix":"x/"}'],
    ],
    [{ objectLock: { mode: "GOVERNANCE", days: 3 } }, {}, ["b objectLock: expected governance for 3 days, is none"]],
    [{ objectLock: { days: 3 } }, { objectLock: { years: 2 } }, ["b objectLock.days: expected 3, is 730"]],
    [{ objectLock: { days: 365 } }, { objectLock: { years: 1 } }, []],
    [{}, { objectLock: {} }, ["b objectLock: expected none, is object lock without default retention"]],
    [
      { encryption: { algorithm: "aws:kms", keyId: "k" } },
      { encryption: { algorithm: "AES256" } },
      ["b encryption: expected sse-kms:k, is sse-s3"],
    ],
    [
      {},
      { policy: PUBLIC },
      [
        'b policy: expected private, is anyone may s3:GetObject on arn:aws:s3:::b/*; {"AWS":["x"]} may not all but s3:GetObject on arn:aws:s3:::b',
      ],
    ],
  ])("%j and %j", (expected, actual, said) => {
    expect(lines(expected, actual)).toEqual(said);
  });

  test("what no model can ask for", () => {
    expect(lines({}, {}, { "versioning.excludeFolders": true })).toEqual([
      "b versioning.excludeFolders: expected none, is true",
    ]);
  });
});

describe("lifecycle rules are known by their id:", () => {
  const other = { ...RULE, ID: "other", Expiration: { Days: 1 } };
  const ageless = { ...RULE, ID: "" };
  test.each<[string, BucketSettings["lifecycle"], BucketSettings["lifecycle"], string[]]>([
    [
      "one that came is one difference",
      [RULE],
      [other, RULE],
      ['b lifecycle.other: expected none, is a rule with Expiration {"Days":1}'],
    ],
    ["another order is none", [RULE, other], [other, RULE], []],
    ["the same rule by another id acts alike", [RULE, other], [other, { ...RULE, ID: "cqj3v" }], []],
    [
      "another id and another age is a difference",
      [RULE],
      [other],
      [
        'b lifecycle.other: expected none, is a rule with Expiration {"Days":1}',
        'b lifecycle.retention: expected a rule with Expiration {"Days":7}, is none',
      ],
    ],
    [
      "two in place of one by another id",
      [RULE],
      [
        { ...RULE, ID: "x" },
        { ...RULE, ID: "y" },
      ],
      ['b lifecycle.y: expected none, is a rule with Expiration {"Days":7}'],
    ],
    [
      "none is hidden by another that has no id either",
      [],
      [ageless, { ...ageless, Expiration: { Days: 1 } }],
      [
        'b lifecycle[""]: expected none, is a rule with Expiration {"Days":7}',
        'b lifecycle[" 2"]: expected none, is a rule with Expiration {"Days":1}',
      ],
    ],
  ])("%s", (_, expected, actual, said) => {
    expect(lines({ lifecycle: expected }, { lifecycle: actual })).toEqual(said);
  });
});

test("order and single values instead of lists make no difference", () => {
  const [allow] = PUBLIC.Statement;
  const single = { ...allow, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
  const other = { ...RULE, ID: "a" };
  expect(
    lines(
      { tags: { a: "1", b: "2" }, lifecycle: [RULE, other], policy: { ...PUBLIC, Statement: [single] } },
      { tags: { b: "2", a: "1" }, lifecycle: [other, RULE], policy: { ...PUBLIC, Statement: [{ ...allow }] } },
    ),
  ).toEqual([]);
});

test("a policy that permits the same by other statements makes no difference, one that permits more does", () => {
  const [allow] = PUBLIC.Statement;
  const policy = (...Statement: object[]) => ({
    policy: { ...PUBLIC, Statement: Statement as (typeof PUBLIC)["Statement"] },
  });
  const folder = { ...allow, Resource: ["arn:aws:s3:::b/a/*"] };
  expect(lines(policy({ ...allow }), policy({ ...allow, Sid: "Web" }, folder))).toEqual([]);
  expect(lines(policy(folder), policy({ ...allow }))).toHaveLength(1);
});
