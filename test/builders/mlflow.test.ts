import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { databasePlan } from "../../builders/postgres/database-plan.ts";
import { instancesOf } from "../../builders/services/declared.ts";
import { mlflowArguments, mlflowEnvironment, mlflowLogging } from "../../builders/services/mlflow.ts";
import { loginRoles } from "../../builders/services/mlflow-logins.ts";
import { checkoutAt } from "../../cli/checkout.ts";
import { logSources } from "../../cli/logs/sources.ts";
import { platform, resolved } from "../support/platforms.ts";

const peers = {
  key: {
    endpoint: "http://127.0.0.1:9000",
    region: "us-east-1",
    accessKey: "access",
    secretKey: "canary-of-the-bucket",
  },
  database: { PGHOST: "127.0.0.1", PGPASSWORD: "canary-of-the-database" },
  hosts: ["127.0.0.1:5000", "localhost:5000"],
  origins: ["https://mlflow.example.org"],
};

test.each([
  ["mlops", 5000, "s3://mlops-artifacts", "mlflow", "mlops_mlflow", "mlops-mlflow-server"],
  ["ml-security", 5001, "s3://mlflow-artifacts", "ml_security_mlflow", "ml_security_mlflow", "mlflow-server"],
  ["cybersec", 5002, "s3://cybersec-ml-models/mlflow", "cybersec_mlflow", "cybersec_mlflow", "cybersec-mlflow-server"],
] as const)(
  "MLflow of %s has a port, a place for artifacts, a database, a role and a key of its own",
  (name, ...own) => {
    const settings = platform(name, "dev").services.mlflow;
    if (settings === null) throw new Error(`${name} asks for no MLflow`);
    const { MLFLOW_ARTIFACTS_DESTINATION } = mlflowEnvironment(settings, peers);
    const { port, database, role, serviceAccount } = settings;
    expect([port, MLFLOW_ARTIFACTS_DESTINATION, database, role, serviceAccount]).toEqual(own);
    const planned = databasePlan(resolved(null, "dev")).databases.find(({ name: each }) => each === database);
    expect(planned?.platforms).toEqual([
      { name: `${name}-mlflow`, roles: [{ name: role, description: expect.any(String), makesTables: true }] },
    ]);
    const names = instancesOf([platform(name, "dev")]).map(({ name: instance }) => instance);
    expect(names).toContain(`${name}-mlflow`);
  },
);

test("secrets are variables of its environment, and none is an argument or part of an address", () => {
  const settings = platform("mlops", "dev").services.mlflow;
  if (settings === null) throw new Error("mlops asks for no MLflow");
  const environment = mlflowEnvironment(settings, peers);
  const holding = Object.entries(environment).filter(([, value]) => value.includes("canary"));
  expect(holding).toEqual([
    ["PGPASSWORD", "canary-of-the-database"],
    ["AWS_SECRET_ACCESS_KEY", "canary-of-the-bucket"],
  ]);
  expect(environment).toMatchObject({
    MLFLOW_S3_ENDPOINT_URL: "http://127.0.0.1:9000",
    MLFLOW_SERVER_ALLOWED_HOSTS: "127.0.0.1:5000,localhost:5000",
    MLFLOW_SERVER_CORS_ALLOWED_ORIGINS: "http://127.0.0.1:5000,http://localhost:5000,https://mlflow.example.org",
  });
});

test("logins are asked for where the platform says so, and nowhere else", () => {
  const folders = { metrics: "/m", scratch: "/s", auth: "/a", logins: "/l" };
  expect(mlflowArguments({ workers: 2, auth: false }, folders)).toEqual([
    "--workers=2",
    "--metrics=/m",
    "--scratch=/s",
  ]);
  expect(mlflowArguments({ workers: 1, auth: true }, folders).slice(-2)).toEqual(["--auth=/a", "--logins=/l"]);
  expect(loginRoles({ auth: false, logins: {} }, ["commands"])).toEqual({});
  expect(loginRoles({ auth: true, logins: { ana: "manage" } }, ["commands", "modelApi"])).toEqual({
    ana: "manage",
    bucketworks: "edit",
    "model-api": "read",
  });
});

test("MLflow's own lines say the same service as those of its log that are no JSON: mlflow, of its platform", () => {
  const root = mkdtempSync(join(tmpdir(), "mlflow-log-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const checkout = checkoutAt(root);
  mkdirSync(join(checkout.services, "mlops-mlflow"), { recursive: true });
  const source = logSources(checkout, ["mlops"]).find(({ path }) => path.endsWith("mlops-mlflow.log"));
  expect(source).toMatchObject({ service: "mlflow", platform: "mlops" });
  expect(mlflowLogging("mlops")).toMatchObject({ formatters: { json: { service: "mlflow", platform: "mlops" } } });
});
