import { describe, expect, test } from "vitest";
import type { ResolvedModel } from "../../config/model.ts";
import { wholeServer } from "../../import/draft.ts";
import { importSpec } from "../../import/spec.ts";
import type { LiveServer, Look } from "../../live/live-server.ts";
import { ownIdentities } from "../../live/own-identities.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import { compareServer } from "../../scan/compare/compare-server.ts";
import { withoutListed } from "../../scan/unmanaged/without-listed.ts";
import { modelOf } from "../support/spec.ts";
import { liveBucket, liveServer, liveTier } from "./live-server.ts";

const NONE: ResolvedModel = { schemaVersion: 1, stage: "dev", connection: null, platforms: [] };
const document = (...Statement: Record<string, unknown>[]): PolicyDocument => ({ Version: "2012-10-17", Statement });
const anyone = (Action: string, Resource: string, more: object = {}) =>
  document({ Effect: "Allow", Principal: { AWS: ["*"] }, Action: [Action], Resource: [Resource], ...more });
const HOME = document({
  Effect: "Allow",
  Action: ["s3:*"],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable of the server
  Resource: ["arn:aws:s3:::home/${aws:username}/*"],
});
const value = <T>(of: T): { readonly value: T } => ({ value: of });
const rule = { ID: "old", Status: "Enabled", Filter: {}, Expiration: { Date: "2030-01-01T00:00:00Z" } } as const;

/** One of each kind that no spec can say, on a server where specs say nothing yet. */
function messy(): LiveServer {
  const told = [{ target: "arn:minio:sqs::spy:webhook", events: ["s3:ObjectCreated:*"], prefix: "", suffix: "" }];
  const account = { user: "etl", expires: null };
  return liveServer(NONE, {
    buckets: new Map<string, Look<ReturnType<typeof liveBucket>>>([
      ["plain-data", value(liveBucket())],
      ["told-data", value({ ...liveBucket(), notifications: told })],
      ["dated-data", value(liveBucket({ lifecycle: [rule] }))],
      ["drop-box", value(liveBucket({ policy: anyone("s3:PutObject", "arn:aws:s3:::drop-box/in/*") }))],
      ["esc-\u001b[31m", value(liveBucket())],
    ]),
    policies: new Map([
      ["home-dirs", value(HOME)],
      [
        "readonly",
        value(
          document({ Effect: "Allow", Action: ["s3:GetBucketLocation", "s3:GetObject"], Resource: ["arn:aws:s3:::*"] }),
        ),
      ],
    ]),
    users: value(
      new Map([
        ["etl", { enabled: true, policies: ["home-dirs", "readonly"] }],
        ["gone.by", { enabled: false, policies: ["home-dirs"] }],
      ]),
    ),
    groups: value(new Map([["Odd Group", value({ enabled: true, members: ["etl"], policies: ["home-dirs"] })]])),
    accounts: value([
      { ...account, accessKey: "laptop", detail: value({ enabled: true, policy: null }) },
      { ...account, user: "root-of-it", accessKey: "rootkey", detail: value({ enabled: true, policy: HOME }) },
    ]),
    tiers: value([liveTier("COLD")]),
    targets: value([{ bucket: "plain-data", endpoint: "other:9000", secure: false, targetBucket: "copy", arn: "a" }]),
  });
}

function imported(live: LiveServer): ReturnType<typeof importSpec> {
  const server = wholeServer(live);
  if ("unread" in server) throw new Error(server.unread.join("\n"));
  return importSpec(live, server, { platform: "found", beside: NONE, own: ownIdentities(live, new Set()) });
}

function scanned(model: ResolvedModel, live: LiveServer) {
  return withoutListed(compareServer(model, live), model, live);
}

const lines = ({ findings }: ReturnType<typeof scanned>) =>
  findings.map(
    ({ severity, kind, subject, message }) => `${severity} ${kind} ${subject.kind} ${subject.name}: ${message}`,
  );

describe("a messy server that was imported", () => {
  const { model, left } = imported(messy());

  test("has everything in the file, expressed or unmanaged with its reason, and a scan finds nothing", () => {
    const names = model.platforms[0]?.unmanaged.map(({ id }) => id);
    expect(names).toEqual([
      "attachment user etl/home-dirs",
      "attachment user etl/readonly",
      "bucket dated-data",
      "bucket drop-box",
      "bucket esc-\\u{1b}[31m",
      "group Odd Group",
      "membership Odd Group/etl",
      "policy home-dirs",
      "public grant drop-box",
      "replication plain-data",
      "service account laptop",
      "service account rootkey",
      "tier COLD",
      "user gone.by",
    ]);
    expect(left.filter(({ unmanaged }) => unmanaged === null)).toEqual([]);
    for (const { reason } of left) expect(reason).not.toMatch(/no spec says so|^in no spec/);
    const { findings, notLooked, known } = scanned(model, messy());
    expect({ findings, notLooked }).toEqual({ findings: [], notLooked: [] });
    expect([...known.values()].reduce((sum, each) => sum + each, 0)).toBe(names?.length);
  });

  const readonly = messy();
  test.each<[string, Partial<LiveServer>, RegExp[]]>([
    [
      "a policy that permits more",
      {
        policies: new Map(readonly.policies).set(
          "home-dirs",
          value(document(...HOME.Statement, { Effect: "Allow", Action: ["admin:*"] })),
        ),
      },
      [
        /^high changed policy home-dirs: not as it was listed .*digest sha256:\w{12}, now sha256:\w{12}; now: may admin:\*$/,
      ],
    ],
    [
      "a public grant that reaches further, and its bucket with it",
      {
        buckets: new Map(readonly.buckets).set(
          "drop-box",
          value(liveBucket({ policy: anyone("s3:PutObject", "arn:aws:s3:::drop-box/*") })),
        ),
      },
      [
        /^critical changed public grant drop-box: .*; now: anyone may s3:PutObject on arn:aws:s3:::drop-box\/\*; no longer: anyone may s3:PutObject on arn:aws:s3:::drop-box\/in\/\*$/,
        /^medium changed bucket drop-box/,
      ],
    ],
    [
      "a condition that is gone from a bucket's policy and other settings of an unmanaged bucket",
      {
        buckets: new Map(readonly.buckets).set(
          "dated-data",
          value(liveBucket({ versioning: true, lifecycle: [{ ...rule, Status: "Disabled" }] })),
        ),
      },
      [
        /^medium changed bucket dated-data: .*now: lifecycle rule "old": .*Disabled.*now: versioning: true.*no longer: lifecycle rule "old": .*Enabled/,
      ],
    ],
    [
      "what is gone",
      { tiers: value([]), targets: value([]), accounts: value([]) },
      [
        /^medium missing replication plain-data: gone/,
        /^medium missing service account laptop: gone; it was listed as unmanaged \(.*\): remove the entry$/,
        /^medium missing service account rootkey: gone/,
        /^medium missing tier COLD: gone/,
      ],
    ],
    [
      "an account of root that may all",
      {
        accounts: value([
          { user: "etl", expires: null, accessKey: "laptop", detail: value({ enabled: true, policy: null }) },
          { user: "root-of-it", expires: null, accessKey: "rootkey", detail: value({ enabled: true, policy: null }) },
        ]),
      },
      [/^critical changed service account rootkey: .*now: may do whatever root-of-it may; no longer: may s3:\*/],
    ],
    [
      "a user who is enabled again, another target and a new member",
      {
        users: value(
          new Map([
            ["etl", { enabled: true, policies: ["home-dirs", "readonly"] }],
            ["gone.by", { enabled: true, policies: ["home-dirs"] }],
          ]),
        ),
        buckets: new Map(readonly.buckets).set(
          "told-data",
          value({
            ...liveBucket(),
            notifications: [
              { target: "arn:minio:sqs::x:webhook", events: ["s3:ObjectCreated:*"], prefix: "", suffix: "" },
            ],
          }),
        ),
        groups: value(
          new Map([["Odd Group", value({ enabled: true, members: ["etl", "gone.by"], policies: ["home-dirs"] })]]),
        ),
      },
      [
        /^high changed user gone\.by: .*now: enabled; no longer: disabled$/,
        /^high changed group Odd Group: .*now: member: gone\.by$/,
        /^medium changed bucket told-data: notifications\["spy:webhook"\]: expected told of s3:ObjectCreated:\*, is told of nothing/,
        /^medium changed bucket told-data: notifications\["x:webhook"\]: expected told of nothing, is told of s3:ObjectCreated:\*/,
      ],
    ],
  ])("is found to have changed: %s", (_, changes, expected) => {
    const found = lines(scanned(model, { ...messy(), ...changes }));
    expect(found.map((line, index) => [line, expected[index]?.test(line) ?? false])).toEqual(
      found.map((line) => [line, true]),
    );
    expect(found).toHaveLength(expected.length);
  });

  test("is not found to have changed where the same is said in another text", () => {
    const [statement = {}] = HOME.Statement;
    const other = document({ Sid: "a name", ...statement, Action: "s3:*" }, { ...statement, Sid: "again" });
    const live = { ...messy(), policies: new Map(messy().policies).set("home-dirs", value(other)) };
    expect(lines(scanned(model, live))).toEqual([]);
  });

  test("could not be looked at where it couldn't: neither right nor wrong", () => {
    const { findings, notLooked } = scanned(model, { ...messy(), tiers: { reason: "refused" } });
    expect(findings).toEqual([]);
    expect(notLooked).toEqual([{ subject: { kind: "tier", name: null }, reason: "refused" }]);
  });
});

describe("an entry can't hide", () => {
  const SPEC = "bucket_groups: {all: {buckets: [{name: raw-data}]}}\n";
  const managed = modelOf(SPEC);
  const open = anyone("s3:PutObject", "arn:aws:s3:::raw-data/*");
  const listed = (entries: Partial<ResolvedModel["platforms"][number]["unmanaged"][number]>[]): ResolvedModel => {
    const unmanaged = entries.map((each) => ({
      id: "",
      kind: "",
      name: "",
      digest: "",
      says: [],
      reason: "by hand",
      ...each,
    }));
    return { ...managed, platforms: managed.platforms.map((each) => ({ ...each, unmanaged })) };
  };

  test("what is wrong with a bucket of the specs, were it to pass check", () => {
    const live = liveServer(managed, { buckets: new Map([["raw-data", value(liveBucket({ policy: open }))]]) });
    const { unmanaged = [] } = imported(live).model.platforms[0] ?? {};
    expect(unmanaged.map(({ id }) => id)).toEqual(["bucket raw-data", "public grant raw-data"]);
    expect(lines(scanned(listed([...unmanaged]), live))).toEqual([
      "critical changed public grant raw-data: policy: anyone may s3:PutObject on arn:aws:s3:::raw-data/*",
    ]);
  });

  test("a declared account that is gone behind one that is listed", () => {
    const spec = modelOf(`${SPEC}access:
  policies: {reader: {grants: [{role: read, bucket: raw-data}]}}
  users: {robot: {policies: [reader]}}
  service_accounts: {job: {user: robot, policies: [reader]}}
`);
    const detail = value({ enabled: true, policy: null });
    const live = liveServer(spec, { accounts: value([{ accessKey: "laptop", user: "robot", expires: null, detail }]) });
    const unmanaged = [
      { id: "service account laptop", kind: "service account", name: "laptop", says: [], reason: "by hand" },
    ];
    const digest = "sha256:0";
    const model = {
      ...spec,
      platforms: spec.platforms.map((each) => ({ ...each, unmanaged: unmanaged.map((one) => ({ ...one, digest })) })),
    };
    expect(lines(scanned(model, live)).map((line) => line.split(":")[0])).toEqual([
      "high changed service account laptop",
      "medium missing service account job",
    ]);
  });
});
