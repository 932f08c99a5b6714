import { expect, test } from "vitest";
import { type Instance, localInstancesOf } from "../../../builders/services/declared.ts";
import { checkoutAt } from "../../../cli/checkout.ts";
import { postgresExporter } from "../../../cli/local/services/kinds/postgres-exporter.ts";
import { NO_LOGINS } from "../../../cli/local/services/logins.ts";
import { asksPeople } from "../../../cli/services/login.ts";
import { notAskedFor } from "../../../cli/services/service-name.ts";
import { Progress } from "../../../cli/terminal/progress.ts";
import { NO_SERVICES, type Platform } from "../../../config/model.ts";
import { platform } from "../../support/platforms.ts";

const mlops = platform("mlops");
const { mlflow } = mlops.services;
if (mlflow === null) throw new Error("mlops asks for no MLflow");
const asking = (each: Platform) =>
  localInstancesOf([each])
    .filter(asksPeople)
    .map(({ name }) => name);

test("those that ask people to log in are known: logs, notebooks, Grafana, and an MLflow with logins alone", () => {
  expect(asking(mlops)).toEqual(["logs", "jupyter", "grafana"]);
  const withLogins = { ...mlops, services: { ...mlops.services, mlflow: { ...mlflow, auth: true } } };
  expect(asking(withLogins)).toEqual(["logs", "mlops-mlflow", "jupyter", "grafana"]);
});

test("one that no platform asks for is refused with the key that asks for it", () => {
  expect(notAskedFor("log_shipper").message).toContain("write logs under services");
  expect(notAskedFor("mlops-model-api").message).toContain("write model_api under services");
});

test("postgres_exporter where no platform has a database says so, and not to run what makes none", async () => {
  const checkout = checkoutAt("/nowhere");
  const instance: Instance = { name: "postgres_exporter", kind: "postgres_exporter", platform: null, port: 1 };
  const platforms = [{ ...mlops, database: null, services: NO_SERVICES }];
  const given = {
    ...{ folder: "", instance, shared: NO_SERVICES, platforms, isJudged: true, alerts: undefined },
    ...{ peers: { minio: undefined, services: {} }, logins: NO_LOGINS },
  };
  const prepared = postgresExporter.prepare?.({ checkout, given, folder: "", progress: new Progress(true) });
  await expect(prepared).rejects.toThrow("no platform of the stack dev has a database");
});
