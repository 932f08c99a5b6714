import { expect, test } from "vitest";
import { mlflowLoginSecrets } from "../../builders/services/kubernetes/mlflow-logins.ts";
import { plannedServices } from "../../builders/services/kubernetes/planned.ts";
import type { LoginRole } from "../../config/values/mlflow-logins.ts";
import { parts, platforms, withKeys } from "../support/service-manifests.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");

/** The services of mlops with logins. */
function planned(logins: Readonly<Record<string, LoginRole>>) {
  const given = platforms.map((each) => {
    const { mlflow } = each.services;
    return { ...each, services: { ...each.services, mlflow: mlflow && { ...mlflow, auth: true, logins } } };
  });
  const { services } = plannedServices(given, parts, withKeys);
  const of = (name: string) => {
    const found = services.find(({ instance }) => instance.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  return { registry: of("mlops-mlflow"), api: of("mlops-model-api"), prometheus: of("prometheus") };
}

const text = ({ manifests }: { readonly manifests: readonly object[] }): string => JSON.stringify(manifests);

test("each login of MLflow has a Secret of its own, the server one of all, and no manifest holds a password", () => {
  const { registry, api } = planned({ ana: "read", ben: "edit" });
  const { mlflowLogins } = registry.needs;
  if (mlflowLogins === undefined) throw new Error("it asks for no logins");
  const [server, ...each] = mlflowLoginSecrets(KEY, mlflowLogins);
  expect(each.map(({ metadata }) => metadata.name)).toEqual(
    ["admin", "ana", "ben", "model-api"].map((name) => `mlops-mlflow-login-${name}`),
  );
  const all = JSON.parse(server?.data["logins.json"] ?? "");
  const password = (name: string) =>
    each.find(({ data }) => data.MLFLOW_TRACKING_USERNAME === name)?.data.MLFLOW_TRACKING_PASSWORD;
  expect(all).toEqual({
    ana: { role: "read", password: password("ana") },
    ben: { role: "edit", password: password("ben") },
    "model-api": { role: "read", password: password("model-api") },
  });
  expect(server?.data.MLFLOW_AUTH_ADMIN_PASSWORD).toBe(password("admin"));
  const passwords = each.map(({ data }) => data.MLFLOW_TRACKING_PASSWORD);
  expect(new Set(passwords).size).toBe(4);
  for (const each of passwords) expect(text(registry) + text(api)).not.toContain(each);
});

test("the model API logs in by its own Secret alone, and Prometheus needs none", () => {
  const { api, prometheus } = planned({ ana: "read" });
  expect(text(api)).toContain(
    '"secretKeyRef":{"name":"mlops-mlflow-login-model-api","key":"MLFLOW_TRACKING_PASSWORD"}',
  );
  expect(text(api)).not.toMatch(/mlops-mlflow-log(ins|in-(admin|ana))/);
  expect(api.needs.readsLogins).toBe(true);
  expect(text(prometheus)).not.toContain("mlops-mlflow-log");
});

test("whoever is added, taken away or may do something else makes other pods of MLflow; another key does as well", () => {
  const [one, two] = [planned({ ana: "read" }), planned({ ana: "edit" })];
  expect(text(one.registry)).not.toBe(text(two.registry));
  expect(text(one.api)).toBe(text(two.api));
  expect(one.registry.needs.readsLogins).toBe(true);
});
