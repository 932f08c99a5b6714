import { describe, expect, test } from "vitest";
import { replacedText } from "../../config/values/key-note.ts";
import type { LiveServer, Look } from "../../live/live-server.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import { compareServer } from "../../scan/compare/compare-server.ts";
import { modelOf } from "../support/spec.ts";
import { liveBucket, liveServer, liveTier } from "./live-server.ts";

const SPEC = `
bucket_groups:
  all:
    buckets:
      - {name: raw-data, versioning: true, retention_days: 30}
      - name: cold-data
        lifecycle: [{id: archive, transition: {days: 30, tier: GLACIER}}]
access:
  policies:
    reader: {grants: [{role: read, bucket: raw-data}]}
    writer: {grants: [{role: write, bucket: raw-data}]}
  groups:
    staff: {policies: [reader]}
  users:
    ada: {groups: [staff]}
    robot: {policies: [reader, writer]}
  service_accounts:
    reading-job: {user: robot, policies: [reader]}
    writing-job: {user: robot, policies: [writer]}
`;
const model = modelOf(SPEC);
const REFUSED = { reason: "the credentials may not" };

/** Each finding as `severity kind subject name path`. */
function found(changes: Partial<LiveServer>): string[] {
  const { findings } = compareServer(model, liveServer(model, changes));
  return findings.map(({ severity, kind, subject, path }) =>
    `${severity} ${kind} ${subject.kind} ${subject.name} ${path}`.trim(),
  );
}

/** Of the server as it should be. */
function part<K extends "users" | "groups" | "accounts">(key: K) {
  const look = liveServer(model)[key];
  if (!("value" in look)) throw new Error(`${key} are there`);
  return look.value as Extract<LiveServer[K], { value: unknown }>["value"];
}

/** Those of the server as it should be, but for one. */
function policiesWith(name: string, look: Look<PolicyDocument | null>): LiveServer["policies"] {
  return new Map(liveServer(model).policies).set(name, look);
}

describe("the same rights in another text are no finding:", () => {
  const tiers = { value: [liveTier("GLACIER")] };
  const policy = (name: string): PolicyDocument => {
    const look = liveServer(model).policies.get(name);
    if (look === undefined || !("value" in look) || look.value === null) throw new Error(`policy ${name} is there`);
    return look.value;
  };
  const other = ({ Statement }: PolicyDocument): PolicyDocument => ({
    Version: "2012-10-17",
    Statement: Statement.flatMap((statement, index) => [
      ...(statement.Action as string[]).map((Action) => ({ ...statement, Action, Sid: `S${index}` })),
      { Condition: { Bool: { "aws:SecureTransport": "true" } }, ...statement },
    ]),
  });

  test("of a policy", () => {
    expect(found({ policies: policiesWith("a-reader", { value: other(policy("a-reader")) }), tiers })).toEqual([]);
  });

  test("of a service account, one with less beside it is still told", () => {
    const [reading, writing] = part("accounts");
    const account = (accessKey: string, document: PolicyDocument) => ({
      ...{ accessKey, user: "robot", expires: null },
      detail: { value: { enabled: true, policy: document } },
    });
    expect([reading?.user, writing?.user]).toEqual(["robot", "robot"]);
    const same = [account("W", other(policy("a-writer"))), account("R", other(policy("a-reader")))];
    expect(found({ accounts: { value: same }, tiers })).toEqual([]);
    const narrowed = other({ ...policy("a-reader"), Statement: policy("a-reader").Statement.slice(0, 2) });
    const less = [account("W", other(policy("a-writer"))), account("R", narrowed)];
    expect(found({ accounts: { value: less }, tiers })).toHaveLength(1);
  });
});

test("a server as the model says has no finding; a rule without its tier waits", () => {
  const cold = new Map(liveServer(model).buckets).set("cold-data", { value: liveBucket() });
  const { findings, notLooked, waiting } = compareServer(model, liveServer(model, { buckets: cold }));
  expect({ findings, notLooked }).toEqual({ findings: [], notLooked: [] });
  expect(waiting).toEqual([{ bucket: "cold-data", platform: "a", rule: "archive", tier: "GLACIER" }]);
});

describe("what can't be looked at is no finding:", () => {
  test.each<[string, Partial<LiveServer>, string, string | null]>([
    ["a bucket", { buckets: new Map(liveServer(model).buckets).set("raw-data", REFUSED) }, "bucket", "raw-data"],
    ["the list of buckets", { bucketList: REFUSED }, "bucket", null],
    ["users", { users: REFUSED }, "user", null],
    ["groups", { groups: REFUSED }, "group", null],
    ["one group", { groups: { value: new Map([["staff", REFUSED]]) } }, "group", "staff"],
    ["policies", { policies: new Map(), policyList: REFUSED }, "policy", null],
    ["one policy", { policies: policiesWith("a-reader", REFUSED) }, "policy", "a-reader"],
    ["service accounts", { accounts: REFUSED }, "service account", null],
    ["tiers", { tiers: REFUSED }, "tier", null],
    ["replication targets", { targets: REFUSED }, "replication", null],
  ])("%s", (_, changes, kind, name) => {
    const cold = new Map(changes.buckets ?? liveServer(model).buckets).set("cold-data", { value: liveBucket() });
    const { findings, notLooked } = compareServer(model, liveServer(model, { ...changes, buckets: cold }));
    expect(findings).toEqual([]);
    expect(notLooked).toEqual([{ subject: { kind, name }, reason: REFUSED.reason }]);
  });

  test("one account whose document can't be read hides itself alone: its user's others are judged, none is missing", () => {
    const [first, ...rest] = part("accounts");
    if (first === undefined) throw new Error("there are accounts");
    const judged = (others: typeof rest) => {
      const accounts = { value: [{ ...first, detail: REFUSED }, ...others] };
      const { findings, notLooked } = compareServer(model, liveServer(model, { accounts }));
      const unread = [{ subject: { kind: "service account", name: first.accessKey }, reason: REFUSED.reason }];
      expect(notLooked).toEqual(unread);
      return findings.filter(({ subject }) => subject.kind !== "bucket").map(({ kind, path }) => `${kind} ${path}`);
    };
    expect(judged(rest)).toEqual([]);
    expect(judged(rest.map((each) => ({ ...each, expires: "2027-01-01T00:00:00Z" })))).toEqual(["changed expires"]);
    expect(judged([])).toEqual([]);
  });

  test("without a list of policies, one that the server says isn't there is missing, and an unknown one is neither", () => {
    const known = new Map([...liveServer(model).policies].filter(([name]) => !name.endsWith("writer")));
    const unlisted = { policyList: REFUSED };
    const missing = (policies: LiveServer["policies"]) =>
      found({ ...unlisted, policies }).filter((line) => line.includes("policy"));
    expect(missing(known)).toEqual([]);
    const writer = [...liveServer(model).policies.keys()].find((name) => name.endsWith("writer")) ?? "";
    expect(missing(new Map(known).set(writer, { value: null }))).toEqual([`medium missing policy ${writer}`]);
  });
});

describe("a user that is gone", () => {
  const users = { value: new Map([...part("users")].filter(([name]) => name !== "robot")) };
  const accounts = { value: [] };

  test("is one finding: what it had went with it", () => {
    const gone = found({ users, accounts }).filter((line) => !line.includes("cold-data"));
    expect(gone).toEqual(["medium missing user robot"]);
  });

  test("is unknown where users can't be read, and its accounts are missing", () => {
    expect(found({ users: REFUSED, accounts }).filter((line) => line.includes("service account"))).toEqual([
      "medium missing service account reading-job",
      "medium missing service account writing-job",
    ]);
  });
});

describe("service accounts are paired by their documents:", () => {
  const [reading, writing] = part("accounts");
  if (reading === undefined || writing === undefined) throw new Error("there are two");
  const implied = { value: { enabled: true, policy: null } };
  const accountsFound = (...value: (typeof reading)[]) =>
    found({ accounts: { value } }).filter((line) => line.includes("service account"));

  test("their order and their names on the server don't matter", () => {
    expect(accountsFound({ ...writing, accessKey: "A" }, { ...reading, accessKey: "B" })).toEqual([]);
  });

  test("one without a document of its own takes the place of the one that lacks, and may do more", () => {
    expect(accountsFound(reading, { ...writing, detail: implied })).toEqual([
      "high changed service account writing-job document",
    ]);
  });

  test("one too many is unmanaged, a copy of a declared one too", () => {
    expect(accountsFound(reading, writing, { ...writing, accessKey: "COPY" })).toEqual([
      "high unmanaged service account COPY",
    ]);
  });

  test("one that is being replaced is low beside the new one, whichever comes first; without the grace it is high", () => {
    const { value } = reading.detail as { value: { enabled: true; policy: PolicyDocument } };
    const inDays = (days: number) => replacedText(new Date(Date.now() + days * 86_400_000));
    const old = (days: number) => ({
      ...reading,
      accessKey: "A",
      detail: { value: { ...value, description: inDays(days) } },
    });
    const rotating = modelOf(`${SPEC}  rotation: {grace_days: 2}`);
    const judged = (days: number, of = rotating) => {
      const accounts = { value: [old(days), reading, writing] };
      const { findings } = compareServer(of, liveServer(of, { accounts }));
      return findings
        .filter(({ subject }) => subject.kind === "service account")
        .map(({ severity, kind, subject }) => `${severity} ${kind} ${subject.name}`);
    };
    expect(judged(1)).toEqual(["low unmanaged A"]);
    expect(judged(3)).toEqual(["high unmanaged A"]);
    expect(judged(-1)).toEqual(["high unmanaged A"]);
    expect(judged(1, model)).toEqual(["high unmanaged A"]);
  });

  test("a disabled one and one that expires are changed", () => {
    const off = { value: { enabled: false, policy: (reading.detail as { value: { policy: null } }).value.policy } };
    const ends = "2027-01-01T00:00:00Z";
    expect(accountsFound({ ...reading, detail: off }, { ...writing, expires: ends })).toEqual([
      "medium changed service account reading-job status",
      "medium changed service account writing-job expires",
    ]);
  });

  test("root's is critical, another user's is not", () => {
    const users = { value: new Map([...part("users"), ["eve", { enabled: true, policies: ["readwrite"] }] as const]) };
    const value = ["eve", "root"].map((user) => ({ accessKey: `OF-${user}`, user, expires: null, detail: null }));
    const lines = found({ users, accounts: { value: [reading, writing, ...value] } });
    expect(lines).toContain("critical unmanaged service account OF-root");
    expect(lines).toContain("medium unmanaged service account OF-eve");
    expect(lines).toContain("high unmanaged user eve");
  });
});

describe("a refusal (Deny) that somebody added is told as one:", () => {
  const deny = { Effect: "Deny", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::raw-data/secret/*"] };
  const refused = "s3:GetObject on arn:aws:s3:::raw-data/secret/*";
  const messages = (changes: Partial<LiveServer>) =>
    compareServer(model, liveServer(model, changes))
      .findings.filter(({ path }) => !path.startsWith("lifecycle"))
      .map(({ severity, message }) => `${severity} ${message}`);
  const withDeny = (policy: PolicyDocument) => ({ ...policy, Statement: [...policy.Statement, deny] });

  test("in a policy", () => {
    const reader = liveServer(model).policies.get("a-reader");
    if (reader === undefined || !("value" in reader) || reader.value === null) throw new Error("it is there");
    const policies = policiesWith("a-reader", { value: withDeny(reader.value) });
    expect(messages({ policies })).toEqual([`medium document: now may not ${refused}`]);
  });

  test("in a service account's document", () => {
    const [reading, ...others] = part("accounts");
    const detail = reading?.detail;
    if (reading === undefined || !detail || !("value" in detail) || detail.value.policy === null)
      throw new Error("it has a document");
    const denied = { ...reading, detail: { value: { enabled: true, policy: withDeny(detail.value.policy) } } };
    const said = messages({ accounts: { value: [denied, ...others] } });
    expect(said).toEqual([`medium document: ${reading.accessKey} now may not ${refused}`]);
  });

  test("in a bucket's policy, which opens nothing", () => {
    const everybody = { ...deny, Principal: { AWS: ["*"] } };
    const held = liveServer(model).buckets.get("raw-data");
    if (held === undefined || !("value" in held) || held.value === null) throw new Error("it is there");
    const policy = { Version: "2012-10-17", Statement: [everybody] };
    const settings = { ...held.value.settings, policy };
    const buckets = new Map(liveServer(model).buckets).set("raw-data", { value: { ...held.value, settings } });
    expect(messages({ buckets })).toEqual([`medium policy: anyone may not ${refused}`]);
  });
});

test("a built-in policy is no finding, one with another document is", () => {
  const statement = { Effect: "Allow", Action: ["s3:*", "admin:*"], Resource: ["arn:aws:s3:::*"] };
  const readwrite = { Version: "2012-10-17", Statement: [statement] };
  expect(
    found({ policies: policiesWith("readwrite", { value: readwrite }) }).filter((line) => line.includes("policy")),
  ).toEqual(["high changed policy readwrite document"]);
});

test("a member of ours in a group that no spec names is a finding beside the group", () => {
  const ours = { enabled: true, members: ["ada", "eve"], policies: ["readwrite"] };
  const groups = { value: new Map([...part("groups"), ["admins", { value: ours }] as const]) };
  expect(found({ groups }).filter((line) => line.includes("admins"))).toEqual([
    "high unmanaged membership admins/ada",
    "medium unmanaged group admins",
  ]);
});

test("what a stack once made and left is said to be released", () => {
  const buckets = new Map(liveServer(model).buckets).set("old-data", { value: liveBucket() });
  const { findings } = compareServer(model, liveServer(model, { buckets }), { released: new Set(["old-data"]) });
  expect(findings.find(({ subject }) => subject.name === "old-data")).toMatchObject({
    kind: "unmanaged",
    actual: "released",
    message: expect.stringContaining("released"),
  });
});
