import { expect, test } from "vitest";
import { featureVariable, resolveFeatures, withFeatureJob } from "../../../config/resolve/features.ts";
import { platform } from "../../support/platforms.ts";

const mlops = platform("mlops", "production");
const { features } = mlops;
if (features === null) throw new Error("mlops asks for no features");

test("the scheduled job applies before it materializes, each with the key and the role of the feature store alone", () => {
  const job = mlops.workloads.find(({ name }) => name === "mlops-features");
  expect(job).toMatchObject({
    image: "features",
    run: { kind: "scheduled_job", schedule: "17 * * * *", timeZone: "Etc/UTC" },
  });
  const steps = job?.steps.map(({ command, serviceAccount, databaseRole }) => [command, serviceAccount, databaseRole]);
  expect(steps).toEqual([
    [["features", "apply"], "mlops-feature-store", "mlops_feature_store"],
    [["features", "materialize"], "mlops-feature-store", "mlops_feature_store"],
  ]);
  const given = JSON.parse(job?.steps[1]?.variables.FEATURES ?? "");
  expect(given).toEqual({ platform: "mlops", ...features });
});

test("a description with the name of a variable reaches the program as it is, though Kubernetes would put its value there", () => {
  const [view] = features.views;
  if (view === undefined) throw new Error("there is no view");
  const named = { ...features, views: [{ ...view, description: "costs $(MINIO_SECRET_KEY), or $5" }] };
  const text = featureVariable("mlops", named);
  expect(text).not.toContain("$");
  expect(JSON.parse(text).views[0].description).toBe("costs $(MINIO_SECRET_KEY), or $5");
});

test("with store hopsworks nothing goes online by the clock, and the program is told which store it is", () => {
  const found = resolveFeatures("mlops", {
    ...{
      store: "hopsworks",
      bucket: "b",
      service_account: "reader",
      entities: { text: { key: "text_id" } },
      views: {},
    },
  });
  expect(found).toMatchObject({ store: "hopsworks", schedule: null });
  expect(withFeatureJob("mlops", [], found)).toEqual([]);
  expect(JSON.parse(featureVariable("mlops", found ?? (null as never)))).toMatchObject({ store: "hopsworks" });
});
