import { expect, test } from "vitest";
import { modelApiEnvironment } from "../../builders/services/model-api.ts";
import { platform } from "../support/platforms.ts";

test("the model API is told its model, where MLflow and its files are, and gets the key of its own account", () => {
  const { services } = platform("mlops", "dev");
  if (services.modelApi === null || services.mlflow === null) throw new Error("mlops asks for both");
  const key = { endpoint: "http://127.0.0.1:9000", region: "us-east-1", accessKey: "own", secretKey: "own-secret" };
  const place = { platform: "mlops", key, registry: "http://127.0.0.1:5000", experiments: undefined };
  expect(modelApiEnvironment(services.modelApi, services.mlflow, place)).toMatchObject({
    MODEL: "identity-masker",
    MODEL_ALIAS: "production",
    MODEL_BUCKET: "mlops-artifacts",
    MODEL_PREFIX: "",
    MLFLOW_TRACKING_URI: "http://127.0.0.1:5000",
    MINIO_ENDPOINT: "127.0.0.1:9000",
    MINIO_ACCESS_KEY: "own",
    JWT_ISSUER: "bucketworks-laptop",
    REQUESTS_PER_MINUTE: "600",
  });
});
