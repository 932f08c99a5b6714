import { expect, test } from "vitest";
import { accessPolicy } from "../../builders/access-policy.ts";
import { type AccountThere, orphansOf, usersIn } from "../../cli/recovery/accounts.ts";
import type { Deployment, StateResource } from "../../cli/recovery/plan.ts";
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

test("an account whose creation was pending, with the document it was to have, is an orphan", () => {
  const deployment: Deployment = {
    resources: [user("ada")],
    pending_operations: [creating(account("job", "ada", "read"))],
  };
  expect(orphansOf(deployment, [there("LOST", "ada", "read")])).toEqual({ orphaned: ["LOST"], unknown: [] });
});

test("an account that a later update made again is an orphan for ever, until it is ended", () => {
  const deployment: Deployment = { resources: [user("ada"), account("job", "ada", "read", "KEPT")] };
  const live = [there("KEPT", "ada", "read"), there("LOST", "ada", "read"), there("LOST-TOO", "ada", "read")];
  expect(orphansOf(deployment, live)).toEqual({ orphaned: ["LOST", "LOST-TOO"], unknown: [] });
});

test("where the state's own key isn't on the server the state may be an older one, and no account is ended", () => {
  const deployment: Deployment = { resources: [user("ada"), account("job", "ada", "read", "GONE")] };
  expect(orphansOf(deployment, [there("IN-USE", "ada", "read")])).toEqual({ orphaned: [], unknown: ["IN-USE"] });
});

test("an account of another document or of none, made by hand, is left alone and named", () => {
  const deployment: Deployment = { resources: [user("ada"), account("job", "ada", "read", "KEPT")] };
  const live = [there("KEPT", "ada", "read"), there("WIDER", "ada", "read_write"), there("ALL", "ada", null)];
  expect(orphansOf(deployment, live)).toEqual({ orphaned: [], unknown: ["ALL", "WIDER"] });
});

test("accounts of users that are in no state of ours are nothing to us, whatever their document", () => {
  const deployment: Deployment = {
    resources: [user("ada")],
    pending_operations: [creating(account("job", "ada", "read"))],
  };
  expect(orphansOf(deployment, [there("FOREIGN", "bob", "read")])).toEqual({ orphaned: [], unknown: [] });
});

test("users of the state and those that were being made are looked for, each once", () => {
  const deployment: Deployment = {
    resources: [user("bob"), user("ada")],
    pending_operations: [creating(user("cy")), creating(user("ada"))],
  };
  expect(usersIn(deployment)).toEqual(["ada", "bob", "cy"]);
});
