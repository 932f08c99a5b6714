import type { Experiment, Services } from "../../config/model.ts";
import { OWN_LOGINS } from "../../config/values/mlflow-logins.ts";
import { keyVariables, type ServerKey } from "../key-variables.ts";
import { loginVariables } from "./mlflow-logins.ts";

type ModelApi = NonNullable<Services["modelApi"]>;
type Mlflow = NonNullable<Services["mlflow"]>;

/** Who signs tokens on a laptop, and for whom: `model-api token` says the same. */
const LAPTOP = { JWT_ISSUER: "bucketworks-laptop", JWT_AUDIENCE: "model-api" };

/** Whom a model API speaks with. */
export interface ModelApiPlace {
  readonly platform: string;
  /** Of its service account; it reads artifacts and nothing else. */
  readonly key: ServerKey;
  /** Address of the platform's MLflow, with scheme. */
  readonly registry: string;
  /** What it logs in to that with, where it is asked to. */
  readonly password?: string | undefined;
  /** What it deals, and the login of who keeps what came of it; undefined where there is none. */
  readonly experiments: ModelApiExperiments | undefined;
}

/** Experiments that a model API deals. */
export interface ModelApiExperiments {
  readonly asked: readonly Experiment[];
  /** As `connectionVariables` makes them. */
  readonly login: Readonly<Record<string, string>>;
}

/**
 * The environment of `model-api serve` on a laptop.
 * @see pipelines/mlops/src/pipeline_mlops/serving/settings.py
 */
export function modelApiEnvironment(
  { model, alias, version, requestsPerMinute }: ModelApi,
  { bucket, prefix }: Mlflow,
  { platform, key, registry, password, experiments }: ModelApiPlace,
): Record<string, string> {
  return {
    ...keyVariables(key),
    ...LAPTOP,
    PLATFORM: platform,
    MLFLOW_TRACKING_URI: registry,
    ...(password !== undefined && loginVariables(OWN_LOGINS.modelApi, password)),
    MODEL: model,
    MODEL_ALIAS: alias,
    ...(version !== null && { MODEL_VERSION: String(version) }),
    MODEL_BUCKET: bucket,
    MODEL_PREFIX: prefix,
    REQUESTS_PER_MINUTE: String(requestsPerMinute),
    ...(experiments !== undefined && {
      ...experiments.login,
      EXPERIMENTS: JSON.stringify(experiments.asked.map(dealt)),
    }),
  };
}

/** What of an experiment the API needs to know: how it is judged is none of its business. */
function dealt({ name, unit, salt, eligible, variants, metric, guardrails }: Experiment) {
  const events = [...new Set([metric, ...guardrails].map(({ event }) => event))].sort();
  return { name, unit, salt, eligible, variants, events };
}
