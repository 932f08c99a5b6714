import { expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import { type AccountThere, type KilledRun, orphansOf, usersIn } from "../../cli/recovery/accounts.ts";
import type { Deployment, StateResource } from "../../cli/recovery/recovery-plan.ts";
import type { Role } from "../../config/model.ts";

const documentOf = (role: Role) => accessPolicy([{ role, bucket: "b", prefixes: [] }]);
const ACCOUNT = "minio:index/iamServiceAccount:IamServiceAccount";
const USER = "minio:index/iamUser:IamUser";

const user = (name: string): StateResource => ({ urn: `u::${name}`, type: USER, id: name, inputs: { name } });
const account = (name: string, of: string, role: Role, id?: string): StateResource => ({
  urn: `a::${name}`,
  type: ACCOUNT,
  ...(id !== undefined && { id }),
  inputs: { targetUser: of, policy: JSON.stringify(documentOf(role)) },
});
const creating = (resource: StateResource) => ({ type: "creating", resource });

/** As the server sends a document: its lists in another order. */
const there = (accessKey: string, of: string, role: Role | null): AccountThere => {
  const document = role === null ? null : documentOf(role);
  const Statement = document?.Statement.map((each) => ({ ...each, Action: [...(each.Action as string[])].reverse() }));
  return { accessKey, user: of, policy: document && { ...document, Statement: Statement?.reverse() ?? [] } };
};

const pendingJobs = (...names: string[]): Deployment => ({
  resources: [user("ada"), account("kept", "ada", "read", "KEPT")],
  pending_operations: names.map((name) => creating(account(name, "ada", "read"))),
});
const leftBy = (deployment: Deployment, ...known: string[]): KilledRun => ({
  deployment,
  isKnown: (accessKey) => known.includes(accessKey),
});
const readOf = (...keys: string[]) => keys.map((key) => there(key, "ada", "read"));

test("accounts whose creations the killed run's state has pending, all at once, are orphans, and no other's", () => {
  const deployment = pendingJobs("a", "b", "c");
  const live = [...readOf("KEPT", "LOST-1", "LOST-2", "LOST-3"), there("WIDER", "ada", "read_write")];
  const orphans = { orphaned: ["LOST-1", "LOST-2", "LOST-3"], unknown: ["WIDER"] };
  expect(orphansOf(deployment, live, leftBy(deployment))).toEqual(orphans);
});

test("an account that was being made anew is an orphan beside the one in the state", () => {
  const deployment = pendingJobs("kept");
  const orphans = { orphaned: ["LOST"], unknown: [] };
  expect(orphansOf(deployment, readOf("KEPT", "LOST"), leftBy(deployment))).toEqual(orphans);
});

test("an account like one of the state, alive or not, is no orphan without a pending creation: it may be in use", () => {
  const deployment = pendingJobs();
  for (const live of [readOf("KEPT", "IN-USE"), readOf("IN-USE")]) {
    expect(orphansOf(deployment, live, leftBy(deployment))).toEqual({ orphaned: [], unknown: ["IN-USE"] });
  }
});

test("where more accounts are alike than creations are pending, none of them is ended", () => {
  const deployment = pendingJobs("a");
  const none = { orphaned: [], unknown: ["IN-USE", "LOST"] };
  expect(orphansOf(deployment, readOf("IN-USE", "LOST"), leftBy(deployment))).toEqual(none);
});

test("where the state isn't surely the killed run's, by a copy or another machine's backend, none is ended", () => {
  const none = { orphaned: [], unknown: ["LOST"] };
  expect(orphansOf(pendingJobs("a"), readOf("KEPT", "LOST"), undefined)).toEqual(none);
});

test("an account whose key another state or a copy knows is not ended", () => {
  const deployment = pendingJobs("a", "b");
  const orphans = { orphaned: ["LOST"], unknown: ["NEXT-DOOR"] };
  expect(orphansOf(deployment, readOf("LOST", "NEXT-DOOR"), leftBy(deployment, "NEXT-DOOR"))).toEqual(orphans);
});

test("an account of another document, of none, or of one the server doesn't tell, is left alone and named", () => {
  const deployment = pendingJobs("a", "b", "c");
  const untold = { accessKey: "UNTOLD", user: "ada", policy: undefined };
  const live = [there("WIDER", "ada", "read_write"), there("ALL", "ada", null), untold];
  const none = { orphaned: [], unknown: ["ALL", "UNTOLD", "WIDER"] };
  expect(orphansOf(deployment, live, leftBy(deployment))).toEqual(none);
});

test("accounts of users that are in no state of ours are nothing to us, whatever their document", () => {
  const deployment = pendingJobs("a");
  const none = { orphaned: [], unknown: [] };
  expect(orphansOf(deployment, [there("FOREIGN", "bob", "read")], leftBy(deployment))).toEqual(none);
});

test("users of the state and those that were being made are looked for, each once", () => {
  const deployment: Deployment = {
    resources: [user("bob"), user("ada")],
    pending_operations: [creating(user("cy")), creating(user("ada"))],
  };
  expect(usersIn(deployment)).toEqual(["ada", "bob", "cy"]);
});
