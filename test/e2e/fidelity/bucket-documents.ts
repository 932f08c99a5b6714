import type { LifecycleRule } from "@aws-sdk/client-s3";
import { withFile } from "../../support/scanned.ts";
import { rootClient } from "../../support/state.ts";
import type { Change, Direction } from "./change.ts";

type Statement = Readonly<Record<string, unknown>>;

/** What the spec says of the bucket that a change hits, beyond its name. */
export interface BucketChange extends Change {
  readonly spec: string;
}

const numbered = (prefix: string, index: number): string => `${prefix}-${String(index).padStart(2, "0")}`;

/** Anyone may read below `public/`, as the spec says and `public_read` makes it. */
const OPEN = "public_read: [public/]";
const TWO = "public_read: [press/, public/]";

type Policy = readonly [what: string, direction: Direction, spec: string, ...of: ((arn: string) => Statement)[]];

const anyone =
  (Action: unknown, ...places: string[]) =>
  (arn: string): Statement => ({
    Effect: "Allow",
    Principal: { AWS: ["*"] },
    Action,
    Resource: places.map((place) => `${arn}${place}`),
  });
const READ = anyone("s3:GetObject", "/public/*");
const PRESS = anyone("s3:GetObject", "/press/*");
const but =
  (statement: (arn: string) => Statement, more: Statement) =>
  (arn: string): Statement => ({ ...statement(arn), ...more });
const NETWORK = { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } };

/** A bucket's policy in another text; `weaker` where anyone may more. */
const POLICIES: readonly Policy[] = [
  ["anyone may delete", "weaker", "", anyone("s3:DeleteObject", "/*")],
  ["anyone may list", "weaker", "", anyone("s3:ListBucket", "")],
  ["anyone may write tags", "weaker", "", anyone("s3:PutObjectTagging", "/*")],
  ["anyone may read the bucket's policy", "weaker", "", anyone("s3:GetBucketPolicy", "")],
  ["anyone may do anything", "weaker", "", anyone("s3:*", "", "/*")],
  ["anyone may read one object", "weaker", "", anyone("s3:GetObject", "/key.pem")],
  ["anyone may read former versions", "weaker", OPEN, READ, anyone("s3:GetObjectVersion", "/public/*")],
  ["anyone may read what begins a letter earlier", "weaker", OPEN, anyone("s3:GetObject", "/publi*")],
  ["anyone by two stars", "weaker", "", but(READ, { Principal: { AWS: ["**"] } })],
  ["anyone by a question mark", "weaker", "", but(READ, { Principal: { AWS: ["?*"] } })],
  ["anyone who names a page", "weaker", "", but(READ, { Condition: { StringLike: { "aws:Referer": "http://x/*" } } })],
  [
    "anyone may read all but a folder",
    "weaker",
    "",
    (arn) => ({ Effect: "Allow", Principal: "*", Action: "s3:GetObject", NotResource: `${arn}/private/*` }),
  ],
  ["a named principal may read", "weaker", "", but(READ, { Principal: { AWS: ["somebody"] } })],
  [
    "a public prefix with a refusal in it",
    "stronger",
    OPEN,
    READ,
    but(anyone("s3:GetObject", "/public/x*"), { Effect: "Deny" }),
  ],
  ["a public prefix for a network alone", "stronger", OPEN, but(READ, NETWORK)],
  ["one of two public prefixes gone", "stronger", TWO, PRESS],
  ["the same public prefix without a name", "same", OPEN, READ],
  ["the same public prefix by another name", "same", OPEN, but(READ, { Sid: "Web" })],
  ["two public prefixes, a statement each", "same", TWO, READ, PRESS],
  ["two public prefixes in another order", "same", TWO, anyone(["s3:GetObject"], "/public/*", "/press/*")],
  ["a public prefix with a folder of it", "same", OPEN, READ, anyone("s3:GetObject", "/public/a/*")],
  ["a public prefix, for a network once more", "same", OPEN, READ, but(READ, NETWORK)],
  ["a public prefix for anyone by a bare star", "same", OPEN, but(READ, { Principal: "*" })],
  ["a public prefix for somebody beside anyone", "same", OPEN, but(READ, { Principal: { AWS: ["somebody", "*"] } })],
];

const RETENTION = "retention_days: 90";
const RULES = `${RETENTION}, lifecycle: [{id: cache, prefix: cache/, expire_days: 7}]`;
const TAGGED = "lifecycle: [{id: cache, prefix: cache/, tags: {temporary: yes-it-is}, expire_days: 7}]";
const retention = { ID: "retention", Status: "Enabled", Filter: { Prefix: "" }, Expiration: { Days: 90 } } as const;
const cache = { ID: "cache", Status: "Enabled", Filter: { Prefix: "cache/" }, Expiration: { Days: 7 } } as const;
const TAG = { Key: "temporary", Value: "yes-it-is" };

type Rules = readonly [what: string, direction: Direction, spec: string, ...rules: LifecycleRule[]];

/** All rules of a bucket, replaced. */
const LIFECYCLES: readonly Rules[] = [
  ["retention on a day", "weaker", RETENTION, { ...retention, Expiration: { Date: new Date("2027-01-01T00:00:00Z") } }],
  ["retention of small objects alone", "stronger", RETENTION, { ...retention, Filter: { ObjectSizeLessThan: 1024 } }],
  ["retention of a prefix alone", "stronger", RETENTION, { ...retention, Filter: { Prefix: "a/" } }],
  [
    "retention for a second prefix, sooner",
    "weaker",
    RETENTION,
    retention,
    { ...cache, ID: "early", Expiration: { Days: 1 } },
  ],
  ["a disabled rule added", "added", RETENTION, retention, { ...cache, Status: "Disabled" }],
  ["a rule without its object tags", "weaker", TAGGED, cache],
  [
    "two rules that swapped their ages",
    "weaker",
    RULES,
    { ...retention, Expiration: { Days: 7 } },
    { ...cache, Expiration: { Days: 90 } },
  ],
  ["the same rules in another order", "same", RULES, retention, cache],
  ["the same rule by another id", "same", RETENTION, { ...retention, ID: "by-hand" }],
  [
    "the same rule with its prefix outside the filter",
    "same",
    RULES,
    retention,
    { ID: "cache", Status: "Enabled", Prefix: "cache/", Expiration: { Days: 7 } },
  ],
  [
    "the same rule with its filter in another order",
    "same",
    TAGGED,
    { ...cache, Filter: { And: { Tags: [TAG], Prefix: "cache/" } } },
  ],
];

export const DOCUMENT_CHANGES: readonly BucketChange[] = [
  ...POLICIES.map(([what, direction, spec, ...statements], index): BucketChange => {
    const name = numbered("policy", index);
    const Statement = statements.map((statement) => statement(`arn:aws:s3:::${name}`));
    const open = direction === "weaker" && !what.startsWith("a named");
    return {
      ...{ what, direction, spec, kind: "changed", subject: open ? "public grant" : "bucket", name, resources: [name] },
      make: ({ mc }) =>
        withFile({ Version: "2012-10-17", Statement }, (file) => mc.run("anonymous", "set-json", file, `t/${name}`)),
    };
  }),
  ...LIFECYCLES.map(([what, direction, spec, ...Rules], index): BucketChange => {
    const name = numbered("rules", index);
    return {
      ...{ what, direction, spec, kind: "changed", subject: "bucket", name, resources: [name] },
      make: ({ server }) =>
        rootClient(server).putBucketLifecycleConfiguration({ Bucket: name, LifecycleConfiguration: { Rules } }),
    };
  }),
];
