import { join } from "node:path";
import { type ModelApiExperiments, modelApiEnvironment } from "../../../../builders/services/model-api.ts";
import type { Platform } from "../../../../config/model.ts";
import { roleName } from "../../../../config/values/database-names.ts";
import { EXPERIMENT_ROLES } from "../../../../config/values/experiments.ts";
import { OWN_LOGINS } from "../../../../config/values/mlflow-logins.ts";
import { CommandError, EXIT } from "../../../ending/exit.ts";
import { ensureSigningKey, JWKS } from "../signing-key.ts";
import type { Kind, Logins } from "./kind.ts";

/** Keeps the model that was served last, for a start without MLflow. */
const CACHE = "model";
/** Keeps what was seen and done in experiments until the database has it. */
const RECORDS = "records";

export const modelApi: Kind = {
  title: "Model API",
  source: { environment: "mlops" },
  // Ready is it with a model alone, and a new laptop has none.
  ready: "/health/live",
  executable: "python",
  mark: ["--jwks=", JWKS],
  folders: [CACHE, RECORDS],
  command: ({ folder, source }, address) => ({
    file: join(source, "bin", "python"),
    before: [join(source, "bin", "model-api"), "serve"],
    args: [`--listen=${address}`, `--cache=${join(folder, CACHE)}`, `--records=${join(folder, RECORDS)}`],
  }),
  startedWith: () => ({}),
  documents: async ({ instance: { name, platform }, peers, logins }) => {
    const api = platform?.services.modelApi ?? null;
    const mlflow = platform?.services.mlflow ?? null;
    if (platform === null || api === null || mlflow === null) throw new Error(`${name} is no platform's model API`);
    const registryName = `${platform.name}-mlflow`;
    const registry = peers.services[registryName];
    if (registry === undefined)
      throw new CommandError(
        `${name}: MLflow of ${platform.name} doesn't run, and says which version to serve`,
        EXIT.couldNotLook,
      );
    const key = logins.key(api.serviceAccount);
    const password = mlflow.auth ? logins.mlflow(registryName, OWN_LOGINS.modelApi) : undefined;
    const place = {
      platform: platform.name,
      key,
      registry: `http://${registry}`,
      password,
      experiments: experimentsOf(platform, logins),
    };
    return { "environment.json": JSON.stringify(modelApiEnvironment(api, mlflow, place), null, 2) };
  },
  takes: "restart",
  prepare: async ({ folder }) => ensureSigningKey(folder),
};

function experimentsOf({ name, experiments }: Platform, logins: Logins): ModelApiExperiments | undefined {
  if (experiments.length === 0) return undefined;
  return { asked: experiments, login: logins.role(roleName(name, EXPERIMENT_ROLES.records)) };
}
