import { OWN_LOGINS } from "../../../config/values/mlflow-logins.ts";
import { derivedBytes } from "../../derived-bytes.ts";
import type { Metadata } from "../../kubernetes/manifest.ts";
import type { Mlflow } from "../mlflow.ts";
import { loginRoles, loginsFile, loginVariables } from "../mlflow-logins.ts";
import { type Instance, type MlflowLogins, metadata } from "./instance.ts";
import type { ServicePlace } from "./place.ts";

/** What the server reads of its Secret: a file, and variables of its environment. */
export const LOGINS_FILE = "logins.json";
export const SERVER_SECRETS = {
  admin: "MLFLOW_AUTH_ADMIN_PASSWORD",
  session: "MLFLOW_FLASK_SERVER_SECRET_KEY",
} as const;
/** Variables that a login's Secret has, for its program or person alone. */
export const LOGIN_VARIABLES = Object.keys(loginVariables("", ""));

/** @returns undefined where it asks for none */
export function mlflowLogins(
  instance: Instance,
  asked: Mlflow,
  hasModelApi: boolean,
  place: ServicePlace,
): MlflowLogins | undefined {
  if (!asked.auth) return undefined;
  const roles = loginRoles(asked, hasModelApi ? ["modelApi"] : []);
  const names = [OWN_LOGINS.admin, ...Object.keys(roles)];
  return {
    roles,
    server: metadata(instance, place, "logins"),
    each: Object.fromEntries(names.map((name) => [name, metadata(instance, place, loginSuffix(name))])),
  };
}

/** Name of the Secret of one login. */
export function loginSecretName({ name }: Pick<Instance, "name">, login: string): string {
  return `${name}-${loginSuffix(login)}`;
}

function loginSuffix(login: string): string {
  return `login-${login}`;
}

/** What the Secrets hold. Another key makes other passwords. */
export function mlflowLoginSecrets(
  key: string,
  { roles, server, each }: MlflowLogins,
): { readonly metadata: Metadata; readonly data: Readonly<Record<string, string>> }[] {
  const made = (what: string): string => derivedBytes(key, `service ${server.name} ${what}`, 32).toString("base64url");
  const password = (login: string): string => made(`login ${login}`);
  return [
    {
      metadata: server,
      data: {
        [LOGINS_FILE]: loginsFile(roles, password),
        [SERVER_SECRETS.admin]: password(OWN_LOGINS.admin),
        [SERVER_SECRETS.session]: made("session"),
      },
    },
    ...Object.entries(each).map(([login, about]) => ({
      metadata: about,
      data: loginVariables(login, password(login)),
    })),
  ];
}
