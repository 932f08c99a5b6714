import { isDeepStrictEqual } from "node:util";
import { array, assert, boolean, constant, constantFrom, dictionary, oneof, property, record, tuple } from "fast-check";
import { expect, test } from "vitest";
import { compareSettings } from "../../live/compare-settings.ts";
import { sameRights } from "../../live/covering.ts";
import type { BucketSettings, LifecycleRule } from "../../provider/bucket-types.ts";
import { canonicalSettings } from "../../provider/canonical.ts";

const few = (...values: string[]) =>
  oneof(constantFrom(...values), array(constantFrom(...values), { minLength: 1, maxLength: 4 }));
const who = oneof(constant("*"), record({ AWS: few("*", "a", "b") }), record({ CanonicalUser: few("x") }));
const statement = record(
  {
    Sid: constantFrom("", "one"),
    Effect: constantFrom("Allow", "Deny"),
    Principal: who,
    NotPrincipal: who,
    Action: few("s3:GetObject", "s3:PutObject"),
    NotAction: few("s3:*", "s3:DeleteObject"),
    Resource: few("arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/ü*"),
    NotResource: few("arn:aws:s3:::c"),
    Condition: dictionary(
      constantFrom("StringEquals", "Bool"),
      dictionary(constantFrom("s3:prefix", "aws:SecureTransport"), oneof(few("a", "b"), boolean()), { maxKeys: 2 }),
      { maxKeys: 2 },
    ),
  },
  { requiredKeys: ["Effect"] },
);
const policy = record({ Version: constant("2012-10-17"), Statement: array(statement, { maxLength: 3 }) });
const tags = dictionary(constantFrom("layer", "team", "a b"), constantFrom("", "x", "L0"), { maxKeys: 3 });
const filter = record(
  { Prefix: constantFrom("", "a/"), Tags: tags, ObjectSizeLessThan: constantFrom(1, 9) },
  { requiredKeys: [] },
);
const rule = (ID: string) =>
  record({
    ID: constant(ID),
    Status: constantFrom("Enabled", "Disabled"),
    Filter: filter,
    Expiration: constant({ Days: 7 }),
  });
const rules = tuple(rule("r"), rule("s")).chain((both) =>
  constantFrom<readonly object[]>([], both, both.toReversed(), both.slice(1)),
);
const settings = record(
  {
    versioning: boolean(),
    tags,
    lifecycle: rules,
    quota: constantFrom(0, 5),
    objectLock: constantFrom({}, { mode: "GOVERNANCE", days: 3 }),
    encryption: constantFrom({ algorithm: "AES256" }, { keyId: "k", algorithm: "aws:kms" }),
    policy,
  },
  { requiredKeys: ["versioning", "tags", "lifecycle"] },
) as unknown as ReturnType<typeof record<BucketSettings>>;

/** The same in another form: what is a set or a record the other way round, a list of one without its list. */
function turned(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((each) => turned(each)).reverse();
    return items.length === 1 && /Action|Resource|AWS|prefix|Transport/.test(name) ? items[0] : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, turned(each, key)]),
  );
}

const isSame = (a: BucketSettings, b: BucketSettings): boolean =>
  compareSettings(a, { settings: b, beyond: {}, notifications: [] }).length === 0;

test("the same settings in another form are no difference, whatever they hold", () => {
  assert(
    property(settings, (all) => isSame(all, turned(all) as BucketSettings)),
    { numRuns: 500 },
  );
});

test("verify and scan find a difference where the provider would write one, but for a policy's text alone", () => {
  // two of few values are often alike; a pair that differs in one part alone is made on purpose
  const pairs = oneof(
    tuple(settings, settings),
    tuple(
      settings,
      settings,
      constantFrom<keyof BucketSettings>("tags", "lifecycle", "policy", "quota", "objectLock", "encryption"),
    ).map(([a, b, key]): [BucketSettings, BucketSettings] => [a, { ...a, [key]: b[key] ?? a[key] } as BucketSettings]),
  );
  const outcomes = { same: 0, different: 0 };
  assert(
    property(pairs, ([a, b]) => {
      // what is written is decided by text: a mistake about rights leaves no policy as it shouldn't be
      const of = sameRights(a.policy, b.policy) ? ({ ...b, policy: a.policy } as BucketSettings) : b;
      const provider = isDeepStrictEqual(canonicalSettings(a), canonicalSettings(of));
      outcomes[provider ? "same" : "different"]++;
      return isSame(a, b) === provider;
    }),
    { numRuns: 1000 },
  );
  expect(outcomes.same).toBeGreaterThan(0);
  expect(outcomes.different).toBeGreaterThan(0);
});

test.each<[string, Partial<LifecycleRule["Filter"]>, boolean]>([
  ["an empty prefix", { Prefix: "" }, true],
  ["no tags", { Tags: {} }, true],
  ["a prefix", { Prefix: "a/" }, false],
  ["a size of zero", { ObjectSizeGreaterThan: 0 }, false],
])("whether a rule limited by %s means the same as one without a limit", (_, Filter, same) => {
  const base: LifecycleRule = { ID: "r", Status: "Enabled", Filter: {}, Expiration: { Days: 1 } };
  const of = (each: LifecycleRule): BucketSettings => ({ versioning: false, tags: {}, lifecycle: [each] });
  expect(isSame(of(base), of({ ...base, Filter }))).toBe(same);
});
