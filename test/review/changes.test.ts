import { describe, expect, test } from "vitest";
import type { Bucket, ResolvedModel } from "../../config/model.ts";
import { accessChanges } from "../../review/access-changes.ts";
import { bucketChanges } from "../../review/bucket-changes.ts";
import { ranked } from "../../review/change.ts";
import { otherChanges } from "../../review/other-changes.ts";
import { aBucket } from "../support/a-bucket.ts";
import { modelOf } from "../support/spec.ts";

const EMPTY = modelOf("bucket_groups: {}");

function withBuckets(...buckets: Bucket[]): ResolvedModel {
  const [platform] = EMPTY.platforms;
  if (platform === undefined) throw new Error("the model has a platform");
  return { ...EMPTY, platforms: [{ ...platform, buckets }] };
}

/** Risks of a change of one bucket, in the order they are found. */
function risks(was: Partial<Bucket>, is: Partial<Bucket>): string[] {
  return bucketChanges(withBuckets(aBucket(was)), withBuckets(aBucket(is))).map(({ risk }) => risk);
}

const RULE = {
  id: "r",
  enabled: true,
  prefix: "a/",
  tags: {},
  expireDays: 30,
  noncurrentDays: null,
  keepVersions: null,
  transition: null,
};

const TOLD = { target: "lake:webhook", events: ["s3:ObjectCreated:*"], prefix: "raw/", suffix: "" };

test("who comes to be told of objects is access, who no longer is stands among the rest, each said once", () => {
  const [silent, telling] = [aBucket(), aBucket({ notifications: [TOLD] })].map((each) => withBuckets(each));
  if (silent === undefined || telling === undefined) throw new Error("both are there");
  const said = (before: ResolvedModel, after: ResolvedModel): string[] => {
    const changes = bucketChanges(before, after);
    return [...changes, ...otherChanges(before, after, changes)].map(({ risk, text }) => `${risk}: ${text.text}`);
  };
  expect(said(silent, telling)).toEqual([
    "access: `lake:webhook (created; keys raw/*)` is told of what happens to objects",
  ]);
  expect(said(telling, silent)).toEqual([expect.stringMatching(/^rest: .*lake:webhook .* is no longer told/)]);
  expect(said(withBuckets(), telling)[0]).toMatch(/^access: .*is told/);
});

/** Each weakens a bucket one way, and does nothing the other way. */
const WEAKER: readonly (readonly [what: string, risk: string, was: Partial<Bucket>, is: Partial<Bucket>])[] = [
  ["a prefix is opened", "public", {}, { publicRead: ["a/"] }],
  ["an open prefix is widened", "public", { publicRead: ["a/b/"] }, { publicRead: ["a/"] }],
  ["objects no longer stay for ever", "retention", {}, { retentionDays: 900 }],
  ["objects stay for a shorter time", "retention", { retentionDays: 90 }, { retentionDays: 89 }],
  [
    "versions stay for a shorter time",
    "retention",
    { versioning: true, noncurrentDays: 9 },
    { versioning: true, noncurrentDays: 8 },
  ],
  [
    "versions no longer stay for ever",
    "retention",
    { versioning: true, noncurrentDays: null },
    { versioning: true, noncurrentDays: 900 },
  ],
  [
    "a rule that was disabled is enabled",
    "retention",
    { lifecycle: [{ ...RULE, enabled: false }] },
    { lifecycle: [RULE] },
  ],
  ["a rule that expires objects is added", "retention", {}, { lifecycle: [RULE] }],
  ["a rule expires objects sooner", "retention", { lifecycle: [RULE] }, { lifecycle: [{ ...RULE, expireDays: 29 }] }],
  [
    "a rule keeps fewer versions",
    "retention",
    { lifecycle: [{ ...RULE, expireDays: null, noncurrentDays: 9, keepVersions: 3 }] },
    { lifecycle: [{ ...RULE, expireDays: null, noncurrentDays: 9, keepVersions: 2 }] },
  ],
  ["the lock goes", "lock", { objectLock: { mode: "governance", days: 9 } }, {}],
  [
    "the lock is shorter",
    "lock",
    { objectLock: { mode: "governance", days: 9 } },
    { objectLock: { mode: "governance", days: 8 } },
  ],
  [
    "the lock can be bypassed",
    "lock",
    { objectLock: { mode: "compliance", days: 9 } },
    { objectLock: { mode: "governance", days: 9 } },
  ],
  ["versioning goes", "versioning", { versioning: true }, {}],
  ["encryption goes", "encryption", { encryption: { type: "sse-s3" } }, {}],
  [
    "the key is the server's",
    "encryption",
    { encryption: { type: "sse-kms", key: "k" } },
    { encryption: { type: "sse-s3" } },
  ],
  ["protection goes", "protection", { protect: true }, {}],
  ["the spec consents to deletion", "protection", {}, { onDelete: "delete_if_empty" }],
  ["the spec consents to a purge", "protection", { onDelete: "delete_if_empty" }, { onDelete: "purge" }],
  ["somebody's bucket may be taken over", "protection", {}, { adopt: true }],
  ["a quota is set", "quota", {}, { quotaBytes: 1 }],
  ["a quota is lowered", "quota", { quotaBytes: 2 }, { quotaBytes: 1 }],
];

describe("of a bucket", () => {
  test.each(WEAKER)("%s: that is %s, and the way back is no risk", (_what, risk, was, is) => {
    expect(risks(was, is)).toEqual([risk]);
    expect(risks(is, was)).toEqual([]);
  });

  test("a rule that moves to other objects deletes there, whatever it did before", () => {
    expect(risks({ lifecycle: [RULE] }, { lifecycle: [{ ...RULE, prefix: "b/", expireDays: 400 }] })).toEqual([
      "retention",
    ]);
    expect(risks({ lifecycle: [RULE] }, { lifecycle: [{ ...RULE, tags: { t: "1" } }] })).toEqual(["retention"]);
  });

  test("one born public is told, one that moves to another platform is only said to move", () => {
    const before = withBuckets(aBucket({ platform: "old" }));
    expect(bucketChanges(EMPTY, withBuckets(aBucket({ publicRead: [""] })))).toMatchObject([{ risk: "public" }]);
    const [home] = before.platforms;
    const after = {
      ...before,
      platforms: [{ ...home, name: "new", buckets: [aBucket({ platform: "new" })] }],
    } as ResolvedModel;
    expect(bucketChanges(before, after)).toEqual([]);
    const rest = otherChanges(before, after, []).filter(({ subject }) => subject.kind === "bucket");
    expect(rest.map(({ text }) => text.text)).toEqual(["`platform`: `old` becomes `new`"]);
  });
});

function access(policies: string, more: string): ResolvedModel {
  return modelOf(`bucket_groups: {g: {buckets: [{name: data}, {name: other}]}}
access:
  policies: {${policies}}
  ${more}
`);
}

/** `risk kind names: text` without code marks. */
function shifts(before: ResolvedModel, after: ResolvedModel): string[] {
  return accessChanges(before, after).map(({ risk, subject, text }) =>
    `${risk} ${subject.kind} ${subject.names.join("+")} ${text.text}`.replaceAll("`", ""),
  );
}

const READ = "s3:GetObject, s3:GetObjectTagging, s3:ListBucket";
const USER = "users: {usr: {policies: [p]}}";

describe("of access", () => {
  test("a prefix that is wider is gained, a narrower one lost", () => {
    const [narrow, wide] = ["a/b/", "a/"].map((prefix) =>
      access(`p: {grants: [{role: read, bucket: data, prefixes: [${prefix}]}]}`, USER),
    ) as [ResolvedModel, ResolvedModel];
    expect(shifts(narrow, wide)).toEqual([`access user usr gains ${READ} on data below a/`]);
    expect(shifts(wide, narrow)).toEqual([`rest user usr loses ${READ} on data below a/`]);
  });

  test("the same right by another policy is no change", () => {
    const one = access("p: {grants: [{role: read, bucket: data}]}", USER);
    const two = access(
      "p: {grants: [{role: list, bucket: data}]}, q: {grants: [{role: read, bucket: data}]}",
      "users: {usr: {policies: [p, q]}}",
    );
    expect(shifts(one, two)).toEqual([]);
  });

  test("a group's policy is its members', and those with the same gain stand together", () => {
    const of = (role: string) =>
      access(
        `p: {grants: [{role: ${role}, bucket: data}]}`,
        "groups: {team: {policies: [p]}, idle: {policies: [p]}}\n  users: {ann: {groups: [team]}, bob: {groups: [team]}, cid: {}}",
      );
    expect(shifts(of("list"), of("read"))).toEqual([
      "access user ann+bob gains s3:GetObject, s3:GetObjectTagging on data",
    ]);
  });

  test("a service account gains what its user may do as well, and nothing beyond", () => {
    const of = (account: string, user: string) =>
      access(
        `p: {grants: [{role: read, bucket: data, prefixes: [${user}]}]}, q: {grants: [{role: read, bucket: data, prefixes: [${account}]}]}`,
        `${USER}\n  service_accounts: {job: {user: usr, policies: [q]}}`,
      );
    expect(shifts(of("x/", "a/"), of("a/b/", "a/"))).toEqual([
      `access service account job gains ${READ} on data below a/b/`,
    ]);
    expect(shifts(of("x/", "a/"), of("c/", "a/"))).toEqual([]);
  });

  test("a new user is told as such; what reaches only a new bucket is no risk to data", () => {
    const before = access("p: {grants: [{role: read, bucket: data}]}", "users: {}");
    const after = access("p: {grants: [{role: read, bucket: data}]}", USER);
    expect(shifts(before, after)).toEqual([`access user usr is new and gains ${READ} on data`]);
    const fresh = modelOf("bucket_groups: {g: {buckets: [{name: other}]}}");
    expect(shifts(fresh, after)).toEqual([`rest user usr is new and gains, on a new bucket, ${READ} on data`]);
  });
});

test("subjects stand in order of their worst change, and each one's changes in order of risk", () => {
  const before = withBuckets(
    aBucket({ name: "a-a", quotaBytes: 9 }),
    aBucket({ name: "b-b", versioning: true, quotaBytes: 9 }),
  );
  const after = withBuckets(
    aBucket({ name: "a-a", quotaBytes: 8 }),
    aBucket({ name: "b-b", quotaBytes: 8, publicRead: [""] }),
  );
  const order = ranked(bucketChanges(before, after).toReversed());
  expect(order.map(({ subject, changes }) => [subject.names[0], ...changes.map(({ risk }) => risk)])).toEqual([
    ["b-b", "public", "versioning", "quota"],
    ["a-a", "quota"],
  ]);
});

const COPY = {
  ...{ to: "standby", bucket: "copy", prefix: "", priority: 1 },
  ...{ deleteMarkers: false, deleteVersions: false, existingObjects: true },
};

test.each([
  ["a bucket is copied to another server", "access", [], [COPY]],
  ["a bucket is no longer copied", "protection", [COPY], []],
  ["deletions reach the copy", "protection", [COPY], [{ ...COPY, deleteMarkers: true }]],
  ["deleted versions reach the copy", "protection", [COPY], [{ ...COPY, deleteVersions: true }]],
])("%s: that is told as a risk", (_what, risk, was, is) => {
  expect(risks({ replication: was }, { replication: is })).toEqual([risk]);
});

test("replication that becomes safer is no risk", () => {
  expect(risks({ replication: [{ ...COPY, deleteVersions: true }] }, { replication: [COPY] })).toEqual([]);
});
