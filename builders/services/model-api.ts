import type { Services } from "../../config/model.ts";
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
}

/**
 * The environment of `model-api serve` on a laptop.
 * @see pipelines/mlops/src/pipeline_mlops/serving/settings.py
 */
export function modelApiEnvironment(
  { model, alias, requestsPerMinute }: ModelApi,
  { bucket, prefix }: Mlflow,
  { platform, key, registry, password }: ModelApiPlace,
): Record<string, string> {
  return {
    ...keyVariables(key),
    ...LAPTOP,
    PLATFORM: platform,
    MLFLOW_TRACKING_URI: registry,
    ...(password !== undefined && loginVariables(OWN_LOGINS.modelApi, password)),
    MODEL: model,
    MODEL_ALIAS: alias,
    MODEL_BUCKET: bucket,
    MODEL_PREFIX: prefix,
    REQUESTS_PER_MINUTE: String(requestsPerMinute),
  };
}
