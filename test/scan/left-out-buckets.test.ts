import { describe, expect, test } from "vitest";
import { bucketDraft } from "../../import/bucket-draft.ts";
import { wholeServer } from "../../import/draft.ts";
import { importSpec } from "../../import/spec.ts";
import type { LiveBucket } from "../../live/live-server.ts";
import { ownIdentities } from "../../live/own-identities.ts";
import type { LifecycleRule } from "../../provider/bucket-types.ts";
import { liveBucket, liveServer } from "./live-server.ts";

/** What isn't in the spec of a server that holds one bucket. */
function left(settings: Partial<LiveBucket["settings"]>) {
  const beside = { schemaVersion: 1 as const, stage: "dev", connection: null, platforms: [] };
  const live = liveServer(beside, { buckets: new Map([["b-data", { value: liveBucket(settings) }]]) });
  const server = wholeServer(live);
  if ("unread" in server) throw new Error(server.unread.join("\n"));
  const own = ownIdentities(live, new Set());
  return importSpec(live, server, { platform: "found", beside, own }).left.find(
    ({ subject }) => subject.kind === "bucket",
  );
}

describe("a rule whose filter limits nothing is one of the whole bucket:", () => {
  const filters: readonly (readonly [string, LifecycleRule["Filter"]])[] = [
    ["no filter", {}],
    ["an empty prefix, as mc writes it", { Prefix: "" }],
    ["no tags", { Tags: {} }],
    ["an empty prefix and no tags", { Prefix: "", Tags: {} }],
  ];
  test.each(filters)("%s", (_, Filter) => {
    const lifecycle: LifecycleRule[] = [
      { ID: "retention", Status: "Enabled", Filter, Expiration: { Days: 90 } },
      {
        ID: "noncurrent",
        Status: "Enabled",
        Filter,
        NoncurrentVersionExpiration: { NoncurrentDays: 20 },
        Expiration: { ExpiredObjectDeleteMarker: true },
      },
    ];
    const { spec, unsaid } = bucketDraft("b-data", liveBucket({ versioning: true, lifecycle }));
    expect(unsaid).toEqual([]);
    expect(spec).toMatchObject({ retention_days: 90, noncurrent_days: 20 });
  });
});

describe("the lines that are offered of a bucket that is left out", () => {
  const statement = (rest: object, key = "secret/*") => ({
    Effect: "Allow",
    Principal: { AWS: ["*"] },
    Action: ["s3:GetObject"],
    Resource: [`arn:aws:s3:::b-data/${key}`],
    ...rest,
  });
  const rule = (rest: object): Partial<LiveBucket["settings"]> => ({
    lifecycle: [{ ID: "r", Status: "Enabled", Filter: { Prefix: "a/" }, Expiration: { Days: 3 }, ...rest }],
  });
  const policy = (...Statement: object[]) => ({
    policy: { Version: "2012-10-17", Statement: Statement as Record<string, unknown>[] },
  });

  test.each<[string, Partial<LiveBucket["settings"]>, string]>([
    ["a refusal", policy(statement({ Effect: "Deny" })), "bucket policy"],
    ["a drop box", policy(statement({ Action: ["s3:PutObject"] })), "bucket policy"],
    ["a network", policy(statement({ Condition: { IpAddress: { "aws:SourceIp": ["10.0.0.0/8"] } } })), "bucket policy"],
    ["one user", policy(statement({ Principal: { AWS: ["arn:aws:iam::1:user/ada"] } })), "bucket policy"],
    ["a refusal beside a grant", policy(statement({}, "img/*"), statement({ Effect: "Deny" })), "bucket policy"],
    ["our own rule, disabled", rule({ ID: "retention", Filter: {}, Status: "Disabled" }), "it is disabled"],
    ["our other own rule, disabled", rule({ ID: "noncurrent", Status: "Disabled" }), "it is disabled"],
    ["a date", rule({ Expiration: { Date: "2027-01-01T00:00:00Z" } }), "it acts on a date"],
    ["sizes", rule({ Filter: { Prefix: "a/", ObjectSizeGreaterThan: 100 } }), "of some sizes"],
    ["delete markers", rule({ Expiration: { ExpiredObjectDeleteMarker: true } }), "delete markers"],
    ["all versions", rule({ Expiration: { Days: 3, ExpiredObjectAllVersions: true } }), "all versions"],
    ["our rule's name", rule({ ID: "retention" }), "is the rule of retention_days"],
  ])("say nothing of %s, and the reason does", (_, settings, reason) => {
    const found = left(settings);
    expect(found?.entry).toEqual({ name: "b-data" });
    expect(found?.reason).toContain(reason);
  });

  test("come with every reason", () => {
    const reason = left({
      ...policy(statement({ Effect: "Deny" })),
      ...rule({ Expiration: { Date: "2027-01-01T00:00:00Z" } }),
      objectLock: { mode: "GOVERNANCE", years: 1 },
      versioning: true,
    })?.reason;
    for (const each of ["it acts on a date", "bucket policy", "counts years"]) expect(reason).toContain(each);
  });
});

describe("a spec says", () => {
  const said = (settings: Partial<LiveBucket["settings"]>) => {
    expect(left(settings)).toBeUndefined();
    return bucketDraft("b-data", liveBucket(settings)).spec;
  };
  const old = { ID: "old", Status: "Enabled" as const, Filter: {} };

  test("of old versions that nobody ends that they stay for ever", () => {
    expect(said({ versioning: true })).toEqual({ name: "b-data", versioning: true, noncurrent_days: "forever" });
  });

  test("of old versions that a rule of another name ends that, and of some places as well", () => {
    const lifecycle: LifecycleRule[] = [
      { ...old, NoncurrentVersionExpiration: { NoncurrentDays: 60, NewerNoncurrentVersions: 3 } },
      { ...old, ID: "models", Filter: { Prefix: "models/" }, NoncurrentVersionExpiration: { NoncurrentDays: 400 } },
    ];
    expect(said({ versioning: true, lifecycle })).toMatchObject({
      noncurrent_days: "forever",
      lifecycle: [
        { id: "old", noncurrent_days: 60, keep_versions: 3 },
        { id: "models", prefix: "models/", noncurrent_days: 400 },
      ],
    });
  });

  test("of a disabled rule that it is, beside an enabled one of the same objects and one that it would overtake", () => {
    const lifecycle: LifecycleRule[] = [
      { ...old, ID: "off", Status: "Disabled", Expiration: { Days: 3 } },
      { ...old, ID: "on", Expiration: { Days: 30 } },
      { ...old, ID: "cache", Filter: { Prefix: "cache/" }, Expiration: { Days: 7 } },
    ];
    expect(said({ lifecycle }).lifecycle).toEqual([
      { id: "off", enabled: false, expire_days: 3 },
      { id: "on", expire_days: 30 },
      { id: "cache", prefix: "cache/", expire_days: 7 },
    ]);
  });
});
