import { INIT, MINIO, OWNER, POSTGRES } from "./names.ts";
import { outsideOf } from "./networks.ts";
import { COMPLETED, type ComposeService, HEALTHY, ownImage, PREPARED, service } from "./service.ts";

/** Programs of the platforms that somebody runs: `docker compose run --rm NAME`. */

export const DATA_PIPELINE = "data-pipeline";
/** The platform whose data it takes from a source to production. */
export const DATA_PIPELINE_PLATFORM = "dataops";
/** Each step's key and role: none can do what another one does. */
export const DATA_PIPELINE_STEPS: Readonly<Record<string, { readonly account: string; readonly role: string }>> = {
  extract: { account: "dataops-loader-job", role: "dataops_loader" },
  load: { account: "dataops-loader-job", role: "dataops_loader" },
  validate: { account: "dataops-validator-job", role: "dataops_validator" },
  transform: { account: "dataops-transformer-job", role: "dataops_loader" },
  promote: { account: "dataops-promoter-job", role: "dataops_promoter" },
  query: { account: "dataops-consumer-app", role: "dataops_consumer" },
};

const LOGINS = "/logins";
const HOME = "/pipeline-dataops";
const CONFIG = "/app/config";

/** A run of DataOps; its source is on the internet, unless SOURCE_URL says another one. */
export function dataPipeline(): ComposeService {
  return service({
    image: ownImage("dataops"),
    build: { context: "pipelines", dockerfile: "dataops/Dockerfile" },
    profiles: ["tools"],
    memory: "1Gi",
    once: true,
    command: ["run", "--table", "raw_binance_btcusdt_spot", "--logins", LOGINS, "--data", `${HOME}/data`],
    environment: { CONFIG_DIR: CONFIG, BUCKET_CONFIG_FILE: "minio-buckets.yaml", DATAOPS_DUCKDB_MEMORY: "512MB" },
    volumes: [
      `${DATA_PIPELINE}:${LOGINS}:ro`,
      `./config/platforms/${DATA_PIPELINE_PLATFORM}.yaml:${CONFIG}/minio-buckets.yaml:ro`,
    ],
    tmpfs: [`${HOME}:mode=1777,size=2g`],
    networks: ["storage", "database", outsideOf(DATA_PIPELINE)],
    depends_on: { [OWNER]: COMPLETED, [MINIO]: HEALTHY, [POSTGRES]: HEALTHY, [INIT]: PREPARED },
  });
}

export const MODEL_TRAINING = "model-training";
/** Where it registers a model: without that there is no training. */
export const MODEL_REGISTRY = "mlops-mlflow";
/** Whose key makes a model's texts, and whose trains and registers it. */
export const MODEL_TRAINING_STEPS: Readonly<Record<string, { readonly account: string }>> = {
  data: { account: "mlops-data-pipeline" },
  training: { account: "mlops-model-training" },
};

/**
 * A model's texts, then a training that registers it; its argument names another model.
 * @param port of the registry
 */
export function modelTraining(port: number): ComposeService {
  const home = "/pipeline-mlops";
  return service({
    image: ownImage("mlops"),
    build: { context: "pipelines", dockerfile: "mlops/Dockerfile" },
    profiles: ["tools"],
    memory: "2Gi",
    once: true,
    entrypoint: [
      "/bin/sh",
      "-euc",
      `set -a\n. ${LOGINS}/data.env\nmodel-data "$$1"\n. ${LOGINS}/training.env\nexec model-training "$$@"`,
      "sh",
    ],
    command: ["identity-masker"],
    environment: { MLFLOW_TRACKING_URI: `http://${MODEL_REGISTRY}:${port}` },
    volumes: [`${MODEL_TRAINING}:${LOGINS}:ro`],
    tmpfs: [`${home}:mode=1777,size=1g`],
    networks: ["models", "storage"],
    depends_on: { [OWNER]: COMPLETED, [MINIO]: HEALTHY, [INIT]: PREPARED, [MODEL_REGISTRY]: HEALTHY },
  });
}

/** What the data programs' own tests say, of those that need no server; it sees no network. */
export function testing(): ComposeService {
  return service({
    image: ownImage("testing"),
    build: { context: ".", dockerfile: "images/testing/Dockerfile" },
    profiles: ["tools"],
    memory: "2Gi",
    once: true,
    network_mode: "none",
    tmpfs: ["/pipelines-testing:mode=1777,size=1g"],
  });
}
