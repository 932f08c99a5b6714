import { describe, expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import { grantsOf } from "../../import/grants.ts";
import { completeImports } from "../../import/lost-resources.ts";
import { fileText } from "../../import/not-in-spec.ts";
import type { LiveServer } from "../../live/live-server.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import { compareServer } from "../../scan/compare/compare-server.ts";
import { HIDDEN, HOSTILE } from "../support/hostile.ts";
import { PLATFORMS } from "../support/our-files.ts";
import { resolved } from "../support/platforms.ts";
import { modelOf } from "../support/spec.ts";
import { imported, looks, NONE } from "./imported.ts";
import { liveBucket, liveServer, liveTier } from "./live-server.ts";

describe("grants of a document", () => {
  test.each(PLATFORMS)("are those it was made of, or mean the same: every policy of %s", (name) => {
    for (const { access } of resolved(name, "dev").platforms) {
      for (const { grants } of access.policies) {
        const found = grantsOf(accessPolicy(grants));
        // What the key `backup` makes: no grant of a spec says it.
        const isOfBackup = grants.some(({ role }) => role === "keep" || role === "drill");
        expect(found && accessPolicy(found)).toEqual(isOfBackup ? undefined : accessPolicy(grants));
      }
    }
  });

  const statement = { Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::b/*"] };
  test.each<[string, Record<string, unknown>[]]>([
    ["an action alone that no role has alone", [statement]],
    ["a wildcard", [{ ...statement, Action: ["s3:*"] }]],
    [
      "a refusal",
      [...accessPolicy([{ role: "read", bucket: "b", prefixes: [] }]).Statement, { ...statement, Effect: "Deny" }],
    ],
    ["another condition", [{ ...statement, Condition: { Bool: { "aws:SecureTransport": ["true"] } } }]],
    ["what isn't of S3", [{ Effect: "Allow", Action: ["admin:*"] }]],
    ["nothing", []],
  ])("are none for %s", (_, Statement) => {
    expect(grantsOf({ Version: "2012-10-17", Statement })).toBeUndefined();
  });
});

test.each(PLATFORMS)(
  "a server as %s made it comes back whole: nothing but the identities of its backups is left out, and a scan finds nothing else",
  (name) => {
    const model = resolved(name, "production");
    const tiers = model.platforms.flatMap(({ buckets }) =>
      buckets.flatMap(({ lifecycle }) => lifecycle.flatMap(({ transition }) => transition?.tier ?? [])),
    );
    const live = liveServer(model, { tiers: { value: [...new Set(tiers)].map((name) => liveTier(name)) } });
    const found = imported(live);
    // Of the key `backup` there are its identities alone on a server: a draft lists them as unmanaged.
    const identities = model.platforms.flatMap(({ backup }) =>
      backup === null ? [] : backup.drill === null ? [1] : [1, 2],
    );
    const ofBackup = identities.flatMap(() => ["attachment", "policy", "service account"]).sort();
    expect(found.left.map(({ subject: { kind } }) => kind).sort()).toEqual(ofBackup);
    const { findings } = compareServer(found.model, live);
    expect(findings.map(({ subject: { kind } }) => kind).sort()).toEqual(ofBackup);
    for (const { subject } of [...found.left, ...findings])
      expect(subject.name).toMatch(new RegExp(`${name}-(bucket-backup|backup-drill)`));
  },
);

describe("what means the same as a spec can say is taken, whatever its text:", () => {
  const open = (...places: readonly (readonly string[])[]): PolicyDocument => ({
    Version: "2012-10-17",
    Statement: places.map((of) => ({
      ...{ Effect: "Allow", Principal: { AWS: ["*"] }, Action: ["s3:GetObject"] },
      Resource: of.map((place) => `arn:aws:s3:::docs/${place}`),
    })),
  });
  test.each<[string, PolicyDocument]>([
    ["no name", open(["press/*", "public/*"])],
    ["a statement each", open(["public/*"], ["press/*"])],
    ["one of them twice", open(["public/*", "press/*"], ["press/*"])],
  ])("two public prefixes with %s", (_, policy) => {
    const buckets = new Map([["docs", { value: liveBucket({ policy }) }]]);
    const { model, left } = imported(liveServer(NONE, { buckets }));
    expect(model.platforms[0]?.buckets[0]?.publicRead.toSorted()).toEqual(["press/", "public/"]);
    expect(left).toEqual([]);
  });

  test("a policy with a name, a statement an action, and the same again", () => {
    const grants = [{ role: "read", bucket: "docs", prefixes: ["in/"] }] as const;
    const { Version, Statement } = accessPolicy(grants);
    const split = Statement.flatMap((statement) =>
      (statement.Action as string[]).map((Action) => ({ ...statement, Action, Sid: Action.replace(/\W/, "") })),
    );
    expect(grantsOf({ Version, Statement: [...split, ...Statement] })).toEqual(grants);
  });
});

test("what the specs beside it name is theirs, and is neither in it nor in the list", () => {
  const model = resolved("usdcop", "dev");
  const live = liveServer(model);
  const buckets = new Map(live.buckets).set("stranger", { value: liveBucket() });
  const { model: own, left } = imported({ ...live, buckets }, model);
  expect(own.platforms[0]?.buckets.map(({ name }) => name)).toEqual(["stranger"]);
  expect(own.platforms[0]?.access).toEqual({ policies: [], groups: [], users: [], serviceAccounts: [] });
  expect(left).toEqual([]);
});

test("several faulty buckets at once are all taken out, none that is right is", () => {
  const names = ["a.b", "right-one", "xn--bad", "right-two", "Upper"];
  const buckets = new Map(names.map((name) => [name, { value: liveBucket() }] as const));
  const { model, left } = imported(liveServer(NONE, { buckets }));
  expect(model.platforms[0]?.buckets.map(({ name }) => name)).toEqual(["right-one", "right-two"]);
  expect(left.map(({ subject }) => subject.name).sort()).toEqual(["Upper", "a.b", "xn--bad"]);
});

test.each(HOSTILE)("%j in the list of what isn't in the spec stays a comment", (text) => {
  const subject = { kind: "user", name: text } as const;
  const left = [{ subject, reason: text, entry: { name: text }, unmanaged: null }];
  const file = fileText({ yaml: "access: {}\n", left, rewritten: [text] }, `http://s/${text}`);
  expect(file).not.toMatch(HIDDEN);
  for (const line of file.split("\n")) expect(line).toMatch(/^(?:#.*|access: \{\}|)$/);
});

test("a refusal (Deny) is the reason for a policy and a service account that it leaves out", () => {
  const deny = { Effect: "Deny", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::raw-data/secret/*"] };
  const policies = new Map([["careful", { value: { Version: "2012-10-17", Statement: [deny] } }]]);
  const users = { value: new Map([["robot", { enabled: true, policies: [] }]]) };
  const detail = { value: { enabled: true, policy: { Version: "2012-10-17", Statement: [deny] } } };
  const accounts = { value: [{ accessKey: "JOB", user: "robot", expires: null, detail }] };
  const { left } = imported(liveServer(NONE, { policies, users, accounts }));
  const reasons = Object.fromEntries(left.map(({ subject, reason }) => [`${subject.kind} ${subject.name}`, reason]));
  expect(reasons).toMatchObject({
    "policy careful": "its document refuses something (Deny), and grants only permit",
    "service account JOB": "its document refuses something (Deny), and policies of a spec only permit",
  });
});

describe("the import file of a preview", () => {
  const SPEC = `
bucket_groups: {all: {buckets: [{name: here-data}, {name: gone-data}]}}
access:
  policies: {reader: {grants: [{role: read, bucket: here-data}]}}
  users: {robot: {policies: [reader]}}
  service_accounts: {job: {user: robot, policies: [reader]}, other-job: {user: robot, policies: [reader]}}
`;
  const model = modelOf(SPEC);
  const live = liveServer(model, {
    buckets: new Map([
      ["here-data", { value: liveBucket() }],
      ["gone-data", { value: null }],
    ]),
  });
  const bucket = (name: string) => ({ type: "bucketworks:index:Bucket", name, id: "<PLACEHOLDER>", parent: "a" });
  const account = (name: string) => ({
    type: "minio:index/iamServiceAccount:IamServiceAccount",
    name: `a/${name}`,
    id: "<PLACEHOLDER>",
  });
  const component = { type: "bucketworks:storage:Platform", name: "a", component: true };

  test("gets the ids of what is there, loses what isn't, keeps components and providers", () => {
    const { file, found, absent } = completeImports(
      { nameTable: { minio: "urn" }, resources: [component, bucket("here-data"), bucket("gone-data")] },
      model,
      live,
      new Set(),
    );
    expect({ found, absent }).toEqual({ found: ["here-data"], absent: ["gone-data"] });
    const declared = { stage: "dev", platform: "a", onDelete: "retain" };
    const own = { ...bucket("here-data"), id: "here-data", inputs: { declared } };
    expect(file).toEqual({ nameTable: { minio: "urn" }, resources: [component, own] });
  });

  test("loses what a store was made for, which no server has: the next update keeps it anew", () => {
    const provider = { type: "pulumi:providers:minio", name: "minio" };
    const stash = { type: "pulumi:index:Stash", name: "minio_made_for", logicalName: "minio made for" };
    expect(completeImports({ resources: [provider, stash] }, model, live, new Set())).toEqual({
      file: { resources: [provider] },
      found: [],
      absent: ["minio made for"],
    });
  });

  test("never gives one key to two accounts, nor a key that the state has", () => {
    const ids = (taken: string[]) => {
      const file = { resources: [account("job"), account("other-job")] };
      return completeImports(file, model, live, new Set(taken)).file.resources?.map(({ id }) => id);
    };
    expect(ids([])).toEqual(["KEY-job", "KEY-other-job"]);
    expect(ids(["KEY-job"])).toEqual(["KEY-other-job"]);
  });

  test("of a stack that lacks nothing is empty", () => {
    expect(completeImports({}, model, live, new Set())).toEqual({ file: { resources: [] }, found: [], absent: [] });
  });
});

describe("policies that permit the same in another text than ours", () => {
  const reader = accessPolicy([{ role: "read", bucket: "raw-data", prefixes: [] }]);
  const named = { ...reader, Statement: reader.Statement.map((each, index) => ({ ...each, Sid: `by hand ${index}` })) };
  const page = (name: object) => ({
    Version: "2012-10-17",
    Statement: [
      {
        ...name,
        Effect: "Allow",
        Principal: { AWS: ["*"] },
        Action: ["s3:GetObject"],
        Resource: ["arn:aws:s3:::raw-data/press/*", "arn:aws:s3:::raw-data/public/*"],
      },
    ],
  });
  const server = (policy: PolicyDocument, open: PolicyDocument): LiveServer =>
    liveServer(NONE, {
      policies: looks([["reader", policy]]),
      buckets: new Map([["raw-data", { value: liveBucket({ policy: open }) }]]),
      users: { value: new Map([["robot", { enabled: true, policies: ["reader"] }]]) },
      accounts: {
        value: [{ accessKey: "JOB", user: "robot", expires: null, detail: { value: { enabled: true, policy } } }],
      },
    });

  test("are in the spec, and what an update writes anew is said in the file", () => {
    const found = imported(server(named, page({})));
    expect(found.left).toEqual([]);
    expect(found.rewritten).toEqual(["bucket raw-data", "policy reader", "service account JOB"]);
    expect(fileText(found, "http://s")).toMatch(
      /^# .*with the same rights, .*: bucket raw-data, policy reader, service account JOB\.$/m,
    );
  });

  test("are told from ours, of which a preview is empty", () => {
    const found = imported(server(reader, page({ Sid: "PublicRead" })));
    expect({ left: found.left, rewritten: found.rewritten }).toEqual({ left: [], rewritten: [] });
    expect(fileText(found, "http://s")).toMatch(/a preview after the import is empty/);
  });
});
