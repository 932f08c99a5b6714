import { expect, test } from "vitest";
import { fromStruct, toStruct } from "../../provider/property-bags.ts";
import { checkReplication } from "../../provider/replication/check.ts";
import { planOf } from "../../provider/replication/plan.ts";
import type { LiveReplication, ReplicationInputs, ReplicationRule } from "../../provider/replication/types.ts";

const PLACE = "https://standby.example:9000";
const RULE: ReplicationRule = {
  ID: "standby-1",
  priority: 1,
  enabled: true,
  endpoint: PLACE,
  bucket: "copy",
  deleteMarkers: false,
  deleteVersions: false,
  existingObjects: true,
};
const KEY = { accessKey: "own", secretKey: "s" };
const INPUTS: ReplicationInputs = { bucket: "orders", rules: [RULE], keys: { [PLACE]: KEY }, onDelete: "retain" };
const TARGET = { arn: "arn:1", endpoint: PLACE, bucket: "copy", region: "", accessKey: "own" };

const live = (over: Partial<LiveReplication> = {}): LiveReplication => ({ rules: [], targets: [], ...over });

test("a bucket without anything gets a target, then its rules", () => {
  expect(planOf(INPUTS, live(), undefined)).toMatchObject({
    add: [{ bucket: "copy" }],
    edit: [],
    write: true,
    remove: [],
  });
});

test("a target with our own key is ours: a run that was killed after it made it goes on", () => {
  const plan = planOf(INPUTS, live({ targets: [TARGET] }), undefined);
  expect(plan).toMatchObject({ add: [], edit: [{ arn: "arn:1" }], write: true });
});

test("what is as it shall be is left alone", () => {
  const plan = planOf(INPUTS, live({ targets: [TARGET], rules: [RULE] }), { keys: { [PLACE]: KEY } });
  expect(plan).toEqual({ add: [], edit: [], write: false, remove: [] });
});

test("a changed secret is delivered, and a key that somebody changed is set again", () => {
  const there = live({ targets: [TARGET], rules: [RULE] });
  const secret = planOf(INPUTS, there, { keys: { [PLACE]: { ...KEY, secretKey: "former" } } });
  const other = planOf(INPUTS, live({ ...there, targets: [{ ...TARGET, accessKey: "x" }] }), {
    keys: { [PLACE]: KEY },
  });
  for (const plan of [secret, other]) expect(plan).toMatchObject({ add: [], edit: [{ target: KEY }], write: false });
});

test.each([
  [
    "a target with another key",
    { targets: [{ ...TARGET, accessKey: "theirs" }] },
    /isn't this stack's, with another key/,
  ],
  [
    "a rule of theirs",
    { targets: [TARGET], rules: [{ ...RULE, ID: "theirs" }] },
    /rule theirs to .* that isn't this stack's/,
  ],
])("%s that somebody set by hand is taken over by adopt alone", (_what, there, words) => {
  expect(planOf(INPUTS, live(there), undefined)).toEqual({ why: expect.stringMatching(words) });
  expect(planOf({ ...INPUTS, adopt: true }, live(there), undefined)).toMatchObject({ add: [] });
});

test("a target that leads to another bucket of that server is never led elsewhere", () => {
  const there = live({ targets: [{ ...TARGET, bucket: "other" }] });
  for (const inputs of [INPUTS, { ...INPUTS, adopt: true }])
    expect(planOf(inputs, there, { keys: INPUTS.keys })).toEqual({ why: expect.stringMatching(/one target a server/) });
});

test("a target that no rule needs any more is removed where it is ours, and left where it isn't", () => {
  const old = { ...TARGET, arn: "arn:2", endpoint: "https://former.example" };
  const there = live({ targets: [TARGET, old], rules: [RULE] });
  const seen = { keys: { ...INPUTS.keys, [old.endpoint]: KEY } };
  expect(planOf(INPUTS, there, seen)).toMatchObject({ remove: [old] });
  expect(planOf(INPUTS, there, { keys: INPUTS.keys })).toMatchObject({ remove: [] });
});

test("check refuses to lead a bucket elsewhere on one server in one update, and another bucket", () => {
  const bags = (inputs: object) => fromStruct(toStruct(inputs, new Set()));
  const failures = (news: object, olds: object) => checkReplication(bags(news), bags(olds)).failures;
  const moved = { ...INPUTS, rules: [{ ...RULE, bucket: "elsewhere" }] };
  expect(failures(INPUTS, {})).toEqual([]);
  expect(failures(moved, INPUTS)).toEqual([
    { property: "rules[0].bucket", reason: expect.stringMatching(/can't be led to elsewhere in one update/) },
  ]);
  expect(failures({ ...INPUTS, bucket: "another" }, INPUTS)).toEqual([
    { property: "bucket", reason: expect.stringMatching(/can't be changed from orders to another/) },
  ]);
  expect(failures({ ...INPUTS, rules: [{ ...RULE, endpoint: "standby" }] }, {})).toHaveLength(1);
});
