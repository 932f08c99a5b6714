import { describe, expect, test } from "vitest";
import type { BucketInputs, LifecycleRule } from "../../provider/bucket-types.ts";
import { changes } from "../../provider/diff.ts";

const rule = (ID: string, Days = 7): LifecycleRule => ({ ID, Status: "Enabled", Filter: {}, Expiration: { Days } });
const bucket = (...lifecycle: LifecycleRule[]): BucketInputs => ({
  bucket: "b",
  versioning: false,
  tags: {},
  lifecycle,
});

describe("lifecycle rules are compared by id:", () => {
  const [a, m, z] = [rule("a"), rule("m"), rule("z")];
  test.each<[string, BucketInputs, BucketInputs, Record<string, string>]>([
    ["another order is no change", bucket(a, m, z), bucket(z, a, m), {}],
    ["one that came before the others is one change", bucket(m, z), bucket(a, m, z), { "lifecycle[0]": "add" }],
    ["one that came between them", bucket(a, z), bucket(a, m, z), { "lifecycle[1]": "add" }],
    ["one that went from before the others", bucket(a, m, z), bucket(m, z), { "lifecycle[0]": "delete" }],
    ["one for another in the same place", bucket(a, m), bucket(a, z), { "lifecycle[1]": "update" }],
    ["one changed", bucket(a, m), bucket(a, rule("m", 9)), { "lifecycle[1].Expiration.Days": "update" }],
    [
      "one changed while another came",
      bucket(m, z),
      bucket(a, m, rule("z", 9)),
      { "lifecycle[0]": "add", "lifecycle[2]": "update" },
    ],
    [
      "one changed that moved to the place of one that went",
      bucket(a, m),
      bucket(rule("m", 1)),
      { "lifecycle[0]": "update" },
    ],
    [
      "one changed, none of them with an id",
      bucket(rule("", 1), rule("", 2)),
      bucket(rule("", 1), rule("", 3)),
      { "lifecycle[1].Expiration.Days": "update" },
    ],
    [
      "one of two without an id gone",
      bucket(rule("", 1), rule("", 2)),
      bucket(rule("", 1)),
      { "lifecycle[1]": "delete" },
    ],
  ])("%s", (_, from, to, expected) => {
    expect(Object.fromEntries(changes(from, to))).toEqual(expected);
  });
});
