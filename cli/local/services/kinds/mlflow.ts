import { join } from "node:path";
import type { Instance } from "../../../../builders/services/declared.ts";
import {
  MLFLOW_LOG_CONFIG,
  mlflowArguments,
  mlflowEnvironment,
  mlflowLogging,
} from "../../../../builders/services/mlflow.ts";
import {
  type LoginProgram,
  type LoginRoles,
  loginRoles,
  loginsFile,
} from "../../../../builders/services/mlflow-logins.ts";
import type { SharedServices } from "../../../../config/model.ts";
import { OWN_LOGINS } from "../../../../config/values/mlflow-logins.ts";
import { readText } from "../../private-files.ts";
import { forgetOtherLogins, MLFLOW_LOGINS } from "../mlflow-passwords.ts";
import type { Kind } from "./kind.ts";

const FOLDERS = { metrics: "metrics", scratch: "scratch", auth: "auth", logins: MLFLOW_LOGINS } as const;
const ADMIN = join(FOLDERS.auth, "admin-password");
const LOGINS_FILE = "logins.json";

export const mlflow: Kind = {
  title: "MLflow",
  source: { environment: "mlflow-server" },
  ready: "/health",
  // Three start at once on two processors, and migrate their databases the first time.
  patience: 240_000,
  executable: "python",
  mark: ["--log-config=", MLFLOW_LOG_CONFIG],
  folders: Object.values(FOLDERS),
  command: ({ root, folder, source }, address, { workers, auth }) => ({
    file: join(source, "bin", "python"),
    before: [join(root, "pipelines", "mlflow-server", "serve.py")],
    args: [
      `--host=${address.slice(0, address.lastIndexOf(":"))}`,
      `--port=${address.slice(address.lastIndexOf(":") + 1)}`,
      ...mlflowArguments(
        { workers: Number(workers), auth: auth === "true" },
        {
          metrics: join(folder, FOLDERS.metrics),
          scratch: join(folder, FOLDERS.scratch),
          auth: join(folder, FOLDERS.auth),
          logins: join(folder, LOGINS_FILE),
        },
      ),
    ],
  }),
  startedWith: ({ instance }): Record<string, string> => {
    const { workers, auth } = settingsOf(instance).mlflow;
    return { workers: String(workers), auth: String(auth) };
  },
  documents: async ({ instance, shared, logins, alsoCalled = [] }, address) => {
    const { mlflow: settings, platform } = settingsOf(instance);
    const peers = {
      key: logins.key(settings.serviceAccount),
      database: logins.role(settings.role),
      hosts: [address, address.replace(/^[^:]*/, "localhost"), ...alsoCalled],
      origins: [],
    };
    return {
      "environment.json": JSON.stringify(mlflowEnvironment(settings, peers), null, 2),
      [MLFLOW_LOG_CONFIG]: JSON.stringify(mlflowLogging(platform), null, 2),
      ...(settings.auth && {
        [LOGINS_FILE]: loginsFile(localLoginRoles(instance, shared), (login) => logins.mlflow(instance.name, login)),
      }),
    };
  },
  takes: "restart",
  login: {
    user: OWN_LOGINS.admin,
    secret: "password",
    // The server makes it.
    file: ADMIN,
    isAsked: (instance) => settingsOf(instance).mlflow.auth,
    others: (instance, shared) => Object.keys(localLoginRoles(instance, shared)),
  },
  prepare: async ({ given: { instance, shared }, folder }) =>
    forgetOtherLogins(folder, Object.keys(localLoginRoles(instance, shared))),
  isAsGiven: async ({ given: { instance, shared }, folder }, address) => {
    const admin = readText(join(folder, ADMIN));
    if (admin === undefined || !settingsOf(instance).mlflow.auth) return true;
    // Supervisors load this file, and none of them asks.
    const { usersAreAsGiven } = await import("../mlflow-users.ts");
    return usersAreAsGiven(address, admin, localLoginRoles(instance, shared));
  },
};

/** Everybody's but the admin's, with the programs of a laptop. */
function localLoginRoles(instance: Instance, shared: SharedServices): LoginRoles {
  const { mlflow: settings, api } = settingsOf(instance);
  const programs: LoginProgram[] = ["commands"];
  if (api !== null) programs.push("modelApi");
  if (shared.jupyter !== null) programs.push("notebooks");
  return loginRoles(settings, programs);
}

function settingsOf({ name, platform }: Instance) {
  const mlflow = platform?.services.mlflow ?? null;
  if (platform === null || mlflow === null) throw new Error(`${name} is no platform's MLflow`);
  return { mlflow, platform: platform.name, api: platform.services.modelApi };
}
