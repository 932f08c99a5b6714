import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { usersAreAsGiven } from "../../../cli/local/services/mlflow-users.ts";

const ROLES = { ana: "read", ben: "edit" } as const;
const user = (username: string, role?: string, isAdmin = false) => ({
  username,
  is_admin: isAdmin,
  roles: [{ name: "__user_7__" }, ...(role === undefined ? [] : [{ name: `bucketworks-${role}` }])],
});
const ADMIN = user("admin", undefined, true);
const AS_GIVEN = [ADMIN, user("ben", "edit"), user("ana", "read")];

/** A server that answers as MLflow does. */
let answer: { readonly status: number; readonly text: string };
const server = createServer((request, response) => {
  const isAdmin = request.headers.authorization === `Basic ${Buffer.from("admin:right").toString("base64")}`;
  response.writeHead(isAdmin ? answer.status : 401).end(isAdmin ? answer.text : "You are not authenticated.");
});
const list = (users: readonly object[]) => ({ status: 200, text: JSON.stringify({ users }) });
const asked = (password = "right") => {
  const { port } = server.address() as { port: number };
  return usersAreAsGiven(`127.0.0.1:${port}`, password, ROLES);
};

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
beforeEach(() => {
  answer = list(AS_GIVEN);
});
afterAll(() => server.close());

test("users who are as the file says are left alone, with those whom the admin has made by hand", async () => {
  expect(await asked()).toBe(true);
  answer = list([...AS_GIVEN, user("guest")]);
  expect(await asked()).toBe(true);
});

test.each([
  ["one is gone", [ADMIN, user("ana", "read")]],
  ["one is there who was taken away", [...AS_GIVEN, user("cleo", "manage")]],
  ["one may do more", [ADMIN, user("ana", "edit"), user("ben", "edit")]],
  ["one is an admin", [ADMIN, user("ana", "read", true), user("ben", "edit")]],
  ["one has no role any more", [ADMIN, user("ana"), user("ben", "edit")]],
])("what somebody changed by hand is found: %s", async (_, users) => {
  answer = list(users);
  expect(await asked()).toBe(false);
});

test("an admin with another password is found, and a server that fails changes nothing", async () => {
  expect(await asked("wrong")).toBe(false);
  answer = { status: 500, text: "no database" };
  expect(await asked()).toBe(true);
});
