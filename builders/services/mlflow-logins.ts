import { type LoginRole, OWN_LOGINS } from "../../config/values/mlflow-logins.ts";
import type { Mlflow } from "./mlflow.ts";

/** What a login may do, by its name. */
export type LoginRoles = Readonly<Record<string, LoginRole>>;

/** Programs that have a login of their own, and what they do in MLflow. */
const PROGRAMS = { modelApi: "read", commands: "edit", notebooks: "edit" } as const satisfies Partial<
  Record<keyof typeof OWN_LOGINS, LoginRole>
>;
export type LoginProgram = keyof typeof PROGRAMS;

/** Everybody's but the admin's: of the platform's file, and of programs. Nobody's where MLflow asks for none. */
export function loginRoles(
  { auth, logins }: Pick<Mlflow, "auth" | "logins">,
  programs: readonly LoginProgram[],
): LoginRoles {
  if (!auth) return {};
  return { ...logins, ...Object.fromEntries(programs.map((each) => [OWN_LOGINS[each], PROGRAMS[each]])) };
}

/** What `serve.py --logins` reads; secrets are in it. */
export function loginsFile(roles: LoginRoles, password: (login: string) => string): string {
  const all = Object.entries(roles).map(([name, role]) => [name, { role, password: password(name) }]);
  return JSON.stringify(Object.fromEntries(all), null, 2);
}

/** As MLflow's clients read a login. */
export function loginVariables(user: string, password: string) {
  return { MLFLOW_TRACKING_USERNAME: user, MLFLOW_TRACKING_PASSWORD: password };
}
