import { z } from "zod";
import type { LoginRoles } from "../../../builders/services/mlflow-logins.ts";
import { OWN_LOGINS } from "../../../config/values/mlflow-logins.ts";

/** How long an answer may take, milliseconds. */
const PATIENCE = 10_000;
/** Of the roles that `pipelines/mlflow-server/logins.py` makes in MLflow. */
const PREFIX = "bucketworks-";
const user = z.object({
  username: z.string(),
  is_admin: z.boolean(),
  roles: z.array(z.object({ name: z.string() })).default([]),
});
const listed = z.object({ users: z.array(user) });

/**
 * Whether the users of an MLflow that runs are those that it was given, with their roles: somebody may have changed them by hand.
 * One that answers otherwise than it should is told of elsewhere, and a start would change nothing.
 * @param address host:port
 * @param password the admin's
 */
export async function usersAreAsGiven(address: string, password: string, roles: LoginRoles): Promise<boolean> {
  const authorization = `Basic ${Buffer.from(`${OWN_LOGINS.admin}:${password}`).toString("base64")}`;
  const answer = await fetch(`http://${address}/api/2.0/mlflow/users/list`, {
    headers: { authorization },
    signal: AbortSignal.timeout(PATIENCE),
  }).catch(() => undefined);
  // The admin has another password: a start gives it back the one of its file.
  if (answer?.status === 401) return false;
  const { data } = listed.safeParse(await answer?.json().catch(() => undefined));
  if (data === undefined) return true;
  const given = Object.entries(roles).map(([name, role]) => `${name} ${PREFIX}${role} false`);
  const found = data.users.flatMap(({ username, is_admin: isAdmin, roles: has }) =>
    has.filter(({ name }) => name.startsWith(PREFIX)).map(({ name }) => `${username} ${name} ${isAdmin}`),
  );
  return given.sort().join("\n") === found.sort().join("\n");
}
