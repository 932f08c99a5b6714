import { expect, test } from "vitest";
import { declaredAccess } from "../../cli/report/declared-access.ts";
import { declaredAccounts } from "../../live/declared-accounts.ts";
import type { LiveServer } from "../../live/live-server.ts";
import { type AccessEntry, accessMatrix } from "../../report/access-matrix.ts";
import { rolesPage } from "../../report/roles-page.ts";
import { liveBucket, liveServer } from "../scan/live-server.ts";
import { modelOf } from "../support/spec.ts";

const MODEL = modelOf(`
bucket_groups:
  trial: {buckets: [{name: raw-data}, {name: reports}]}
access:
  policies:
    writer: {grants: [{role: write, bucket: raw-data}, {role: read, bucket: reports, prefixes: [daily/]}]}
    keeper: {grants: [{role: read_write, bucket: reports}]}
    looker: {grants: [{role: inspect, bucket: raw-data}]}
    restorer: {grants: [{role: restore, bucket: raw-data}]}
  groups: {team: {policies: [keeper]}}
  users:
    ada: {policies: [writer]}
    bob: {groups: [team]}
    cal: {policies: [looker, restorer]}
  service_accounts: {ada-job: {user: ada, policies: [writer]}}
`);

/** As the server has it. */
const WRITER = MODEL.platforms[0]?.access.policies.find(({ key }) => key === "writer")?.name ?? "";

function matrix(changes: Partial<LiveServer> = {}, tried: Partial<Parameters<typeof accessMatrix>[0]> = {}) {
  const accounts = declaredAccounts(MODEL).map(({ account: { name, user }, document }) => ({
    ...{ name, user },
    policy: document,
  }));
  const seen = {
    model: MODEL,
    live: liveServer(MODEL, changes),
    accounts,
    tries: new Map(),
    disagreed: new Set<string>(),
  };
  return accessMatrix({ ...seen, ...tried });
}

function told(entries: readonly AccessEntry[], who: string): string[] {
  return entries
    .filter(({ identity }) => identity === who)
    .map(
      ({ bucket, actions, prefixes }) => `${bucket}${prefixes.map((each) => `/${each}`).join()}: ${actions.join(", ")}`,
    );
}

function entriesOf({ access }: ReturnType<typeof matrix>): readonly AccessEntry[] {
  if ("reason" in access) throw new Error(access.reason);
  return access.entries;
}

test("the page of roles is the same of the specs and of a server as they say, and another one where somebody may more there", () => {
  const page = rolesPage(MODEL, declaredAccess(MODEL));
  expect(rolesPage(MODEL, entriesOf(matrix()))).toBe(page);
  expect(page).toMatch(/^\| `ada-job` \| service account \| `raw-data` \| all \| write \| {2}\|$/m);
  const users = { value: new Map([["ada", { enabled: true, policies: [WRITER, "readwrite"] }]]) };
  const policies = new Map([...liveServer(MODEL).policies]);
  const anything = { Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] } as const;
  policies.set("readwrite", { value: { Version: "2012-10-17", Statement: [anything] } });
  expect(rolesPage(MODEL, entriesOf(matrix({ users, policies })))).not.toBe(page);
});

test("each role is told by what it lets one do, and where", () => {
  const entries = entriesOf(matrix());
  expect(told(entries, "ada")).toEqual(["raw-data: write", "reports/daily/: list, read"]);
  expect(told(entries, "bob")).toEqual(["reports: list, read, write, delete"]);
  expect(told(entries, "cal")).toEqual(["raw-data: list, read, read former versions, inspect"]);
  expect(told(entries, "ada-job")).toEqual(told(entries, "ada"));
  expect(told(entries, "anyone")).toEqual([]);
});

test("a user who is disabled may nothing, a group that is disabled gives nothing", () => {
  const { users, groups } = liveServer(MODEL);
  if (!("value" in users && "value" in groups)) throw new Error("both are read");
  const disabled = new Map([...users.value].map(([name, user]) => [name, { ...user, enabled: name !== "ada" }]));
  expect(told(entriesOf(matrix({ users: { value: disabled } })), "ada")).toEqual([]);
  expect(told(entriesOf(matrix({ users: { value: disabled } })), "ada-job")).toEqual([]);
  const off = new Map([["team", { value: { enabled: false, members: ["bob"], policies: ["keeper"] } }]]);
  expect(told(entriesOf(matrix({ groups: { value: off } })), "bob")).toEqual([]);
});

test("a stranger with a policy for everything is told, as nobody's of the specs", () => {
  const { users } = liveServer(MODEL);
  if (!("value" in users)) throw new Error("they are read");
  const more = new Map([...users.value, ["eve", { enabled: true, policies: ["readwrite"] }]]);
  const found = entriesOf(matrix({ users: { value: more } })).filter(({ identity }) => identity === "eve");
  expect(found.map(({ bucket, platform }) => [bucket, platform])).toEqual([
    ["raw-data", null],
    ["reports", null],
  ]);
  expect(found[0]?.actions).toContain("change its settings");
  expect(found[0]?.actions).toContain("delete former versions");
});

test("what a bucket's policy lets anyone do is told, with its prefix", () => {
  const Statement = [
    {
      Effect: "Allow",
      Principal: { AWS: ["*"] },
      Action: ["s3:GetObject"],
      Resource: ["arn:aws:s3:::reports/public/*"],
    },
  ];
  const open = liveBucket({ policy: { Version: "2012-10-17", Statement } });
  const buckets = new Map([...liveServer(MODEL).buckets, ["reports", { value: open }]]);
  expect(told(entriesOf(matrix({ buckets })), "anyone")).toEqual(["reports/public/: read, read former versions"]);
});

test("a refusal takes a right away, and a service account may no more than its user", () => {
  const { policies } = liveServer(MODEL);
  const denied = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] },
      { Effect: "Deny", Action: ["s3:PutObject"], Resource: ["arn:aws:s3:::raw-data/*"] },
    ],
  };
  const accounts = [{ name: "ada-job", user: "ada", policy: denied }];
  const entries = entriesOf(matrix({ policies }, { accounts }));
  expect(told(entries, "ada-job")).toEqual(["reports/daily/: list, read"]);
});

test("tries confirm an entry or contradict it; what wasn't tried is neither", () => {
  const tries = new Map([["ada", new Set(["raw-data", "reports"])]]);
  const entries = entriesOf(matrix({}, { tries, disagreed: new Set(["ada reports"]) }));
  expect(entries.filter(({ identity }) => identity === "ada").map(({ confirmed }) => confirmed)).toEqual([true, false]);
  expect(entries.filter(({ identity }) => identity === "bob").map(({ confirmed }) => confirmed)).toEqual([null]);
});

test("where users can't be read the matrix says why, and a policy that can't be read is named", () => {
  expect(matrix({ users: { reason: "not allowed" } }).access).toEqual({ reason: "not allowed" });
  const policies = new Map([...liveServer(MODEL).policies, [WRITER, { reason: "broken" }]]);
  expect(matrix({ policies }).notLooked).toEqual([
    { what: "access", reason: `policy ${WRITER} can't be read, so what it permits isn't here` },
  ]);
});

test("a matrix too large to read ends at its limit, and says so", () => {
  const many = modelOf(
    `bucket_groups: {trial: {buckets: [${Array.from({ length: 300 }, (_, index) => `{name: bucket-${index}}`).join()}]}}`,
  );
  const users = new Map(
    Array.from({ length: 100 }, (_, index) => [`user-${index}`, { enabled: true, policies: ["readwrite"] }] as const),
  );
  const live = liveServer(many, { users: { value: users } });
  const { access, notLooked } = accessMatrix({
    model: many,
    live,
    accounts: [],
    tries: new Map(),
    disagreed: new Set(),
  });
  expect("entries" in access && access.entries).toHaveLength(20_000);
  expect(notLooked.map(({ reason }) => reason)).toEqual([
    "more than the 20000 entries that a report holds: the rest isn't here",
  ]);
});
