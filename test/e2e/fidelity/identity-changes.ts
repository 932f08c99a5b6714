import { accessPolicy } from "../../../builders/access-policy.ts";
import type { Grant } from "../../../config/model.ts";
import { makePolicy, withFile } from "../../support/scanned.ts";
import type { Change, Direction, Hand } from "./change.ts";
import { TEXT_ACCOUNTS, TEXT_CHANGES, TEXT_POLICIES, TEXT_USERS, TEXTS_BUCKET } from "./policy-texts.ts";

const DATA = "identity-data";
const read: Grant = { role: "read", bucket: DATA, prefixes: [] };
const readIn: Grant = { role: "read", bucket: DATA, prefixes: ["in/"] };
const write: Grant = { role: "write", bucket: DATA, prefixes: [] };
const SECRET = "a-secret-made-by-hand";

/** The identities of the stack; each change hits one of them. */
export const IDENTITY_SPEC = `      - {name: ${DATA}}
      - {name: ${TEXTS_BUCKET}}
access:
  policies:
    reader: {name: reader, grants: [{role: read, bucket: ${DATA}}]}
    writer: {name: writer, grants: [{role: write, bucket: ${DATA}}]}
    more-actions: {name: more-actions, grants: [{role: read, bucket: ${DATA}}]}
    fewer-actions: {name: fewer-actions, grants: [{role: read_write, bucket: ${DATA}}]}
    more-places: {name: more-places, grants: [{role: read, bucket: ${DATA}, prefixes: [in/]}]}
    with-refusal: {name: with-refusal, grants: [{role: read, bucket: ${DATA}}]}
    texts: {name: texts, grants: [{role: read, bucket: ${TEXTS_BUCKET}}]}
${TEXT_POLICIES}    was-deleted: {name: policy-deleted, grants: [{role: read, bucket: ${DATA}}]}
  groups:
    group-disabled: {policies: [reader]}
    group-extra: {policies: [reader]}
    group-lacks: {policies: [reader, writer]}
    group-joined: {policies: [reader]}
    group-left: {policies: [reader]}
    group-deleted: {policies: [reader]}
  users:
    user-disabled: {policies: [reader]}
    user-deleted: {policies: [reader]}
    user-extra: {policies: [reader]}
    user-lacks: {policies: [reader, writer]}
    user-own: {policies: [more-actions, fewer-actions, more-places, with-refusal]}
    user-joining: {policies: [reader]}
    user-leaving: {policies: [reader], groups: [group-left]}
    user-guest: {policies: [reader]}
    user-staying: {groups: [group-disabled, group-extra, group-lacks]}
    user-of-jobs: {policies: [reader, writer]}
    user-of-one: {policies: [reader]}
    user-of-two: {policies: [reader]}
    user-of-three: {policies: [reader]}
    user-of-four: {policies: [reader]}
    user-of-five: {policies: [reader, writer]}
${TEXT_USERS}  service_accounts:
${TEXT_ACCOUNTS}    job-more: {user: user-of-one, policies: [reader]}
    job-less: {user: user-of-five, policies: [reader, writer]}
    job-disabled: {user: user-of-two, policies: [reader]}
    job-deleted: {user: user-of-three, policies: [reader]}
    job-expiring: {user: user-of-four, policies: [reader]}
`;

/** Logical name of a resource of the stack. */
const own = (...parts: string[]): string => ["fidelity", ...parts].join("/");

type Step = readonly string[] | ((hand: Hand) => Promise<unknown>);
const change =
  (direction: Direction, kind: Change["kind"]) =>
  (
    what: string,
    [subject, name]: readonly [Change["subject"], string],
    resources: readonly string[],
    ...steps: Step[]
  ): Change => ({
    ...{ what, direction, kind, subject, name, resources },
    make: async (hand) => {
      for (const step of steps) await (typeof step === "function" ? step(hand) : hand.mc.run(...step));
    },
  });
const weaker = change("weaker", "changed");
const stronger = change("stronger", "changed");
const added = change("added", "unmanaged");
const removed = change("removed", "missing");
const unmanaged = change("unmanaged", "unmanaged");
const stopping: typeof removed = (...args) => ({ ...removed(...args), stopsRefresh: true });

const admin = (...words: string[]): string[] => ["admin", ...words];
const user = (action: string, ...rest: string[]) => admin("user", action, "t", ...rest);
const policy = (action: string, ...rest: string[]) => admin("policy", action, "t", ...rest);
const group = (action: string, ...rest: string[]) => admin("group", action, "t", ...rest);
const account = (action: string, ...rest: string[]) => admin("accesskey", action, "t", ...rest);
const rewrite =
  (name: string, ...grants: Grant[]) =>
  ({ mc }: Hand) =>
    makePolicy(mc, name, accessPolicy(grants));
const reedit =
  (job: string, ...grants: Grant[]) =>
  ({ mc, accessKey }: Hand) =>
    withFile(accessPolicy(grants), (file) => mc.run(...account("edit", accessKey(job), "--policy", file)));
const deny = { Effect: "Deny", Action: ["s3:GetObject"], Resource: [`arn:aws:s3:::${DATA}/secret/*`] };

export const IDENTITY_CHANGES: readonly Change[] = [
  weaker("a user disabled", ["user", "user-disabled"], [own("user-disabled")], user("disable", "user-disabled")),
  stopping("a user deleted", ["user", "user-deleted"], [own("user-deleted")], user("rm", "user-deleted")),
  added(
    "a policy attached to a user",
    ["attachment", "user user-extra/readwrite"],
    [own("user-extra"), own("user-extra", "reader")],
    policy("attach", "readwrite", "--user", "user-extra"),
  ),
  removed(
    "a policy detached from a user",
    ["attachment", "user user-lacks/writer"],
    [own("user-lacks"), own("user-lacks", "writer")],
    policy("detach", "writer", "--user", "user-lacks"),
  ),
  weaker("a group disabled", ["group", "group-disabled"], [own("group-disabled")], group("disable", "group-disabled")),
  added(
    "a policy attached to a group",
    ["attachment", "group group-extra/readwrite"],
    [own("group-extra"), own("group-extra", "reader")],
    policy("attach", "readwrite", "--group", "group-extra"),
  ),
  removed(
    "a policy detached from a group",
    ["attachment", "group group-lacks/writer"],
    [own("group-lacks"), own("group-lacks", "writer")],
    policy("detach", "writer", "--group", "group-lacks"),
  ),
  added(
    "a user put into a group",
    ["membership", "group-joined/user-joining"],
    [own("group-joined"), own("user-joining")],
    group("add", "group-joined", "user-joining"),
  ),
  added(
    "a user put into a group of no spec",
    ["membership", "strange-club/user-guest"],
    [own("user-guest")],
    group("add", "strange-club", "user-guest"),
  ),
  removed(
    "a user taken out of a group",
    ["membership", "group-left/user-leaving"],
    [own("group-left"), own("user-leaving", "group-left")],
    group("rm", "group-left", "user-leaving"),
  ),
  stopping("an empty group deleted", ["group", "group-deleted"], [own("group-deleted")], group("rm", "group-deleted")),
  weaker(
    "a policy permits more actions",
    ["policy", "more-actions"],
    [own("more-actions")],
    rewrite("more-actions", read, write),
  ),
  stronger(
    "a policy permits fewer actions",
    ["policy", "fewer-actions"],
    [own("fewer-actions")],
    rewrite("fewer-actions", read),
  ),
  weaker(
    "a policy permits more places",
    ["policy", "more-places"],
    [own("more-places")],
    rewrite("more-places", readIn, read),
  ),
  stronger("a policy with a refusal", ["policy", "with-refusal"], [own("with-refusal")], ({ mc }) => {
    const { Version, Statement } = accessPolicy([read]);
    return makePolicy(mc, "with-refusal", { Version, Statement: [...Statement, deny] });
  }),
  ...TEXT_CHANGES,
  removed("a policy deleted", ["policy", "policy-deleted"], [own("was-deleted")], policy("rm", "policy-deleted")),
  weaker("a policy of MinIO's own permits more", ["policy", "readonly"], [], rewrite("readonly", read, write)),
  weaker("a policy of MinIO's own permits something else", ["policy", "writeonly"], [], rewrite("writeonly", read)),
  weaker(
    "a service account permits more",
    ["service account", "job-more"],
    [own("job-more")],
    reedit("job-more", read, write),
  ),
  stronger(
    "a service account permits less",
    ["service account", "job-less"],
    [own("job-less")],
    reedit("job-less", read),
  ),
  weaker(
    "a service account disabled",
    ["service account", "job-disabled"],
    [own("job-disabled")],
    ({ mc, accessKey }) => mc.run(...account("disable", accessKey("job-disabled"))),
  ),
  stopping("a service account deleted", ["service account", "job-deleted"], [own("job-deleted")], ({ mc, accessKey }) =>
    mc.run(...account("rm", accessKey("job-deleted"))),
  ),
  weaker(
    "a service account that ends",
    ["service account", "job-expiring"],
    [own("job-expiring")],
    ({ mc, accessKey }) => mc.run(...account("edit", accessKey("job-expiring"), "--expiry-duration", "48h")),
  ),
  unmanaged(
    "a service account of a user of ours",
    ["service account", "strange-job"],
    [own("user-of-jobs")],
    account("create", "user-of-jobs", "--access-key", "strange-job", "--secret-key", SECRET),
  ),
  unmanaged(
    "a service account of root",
    ["service account", "strange-root"],
    [],
    account("create", "--access-key", "strange-root", "--secret-key", SECRET),
  ),
  unmanaged("a user without a policy", ["user", "strange-user"], [], user("add", "strange-user", SECRET)),
  unmanaged(
    "a user with every right",
    ["user", "strange-admin"],
    [],
    user("add", "strange-admin", SECRET),
    policy("attach", "consoleAdmin", "--user", "strange-admin"),
  ),
  unmanaged(
    "a disabled user",
    ["user", "strange-sleeper"],
    [],
    user("add", "strange-sleeper", SECRET),
    user("disable", "strange-sleeper"),
  ),
  unmanaged(
    "a group",
    ["group", "strange-group"],
    [],
    user("add", "strange-member", SECRET),
    group("add", "strange-group", "strange-member"),
  ),
  unmanaged("a policy", ["policy", "strange-policy"], [], rewrite("strange-policy", read)),
];
