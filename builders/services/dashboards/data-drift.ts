import { modelChoices, ofModel } from "./model-choices.ts";
import type { DashboardInWords, Step } from "./panel.ts";

/** As the population stability index is commonly read: below 0.1 the same, above 0.25 another distribution. */
const READ: readonly Step[] = [
  [0.1, "yellow"],
  [0.25, "red"],
];
const drift = ofModel("model_api_feature_drift");

/** Of the feature store, which knows no models. */
const OF_STORE = 'feature_drift{platform=~"$platform"}';

/** ML-019, ML-027: whether requests still look like the data that models were trained on. */
export const dataDrift: DashboardInWords = {
  uid: "data-drift",
  title: "Data Drift",
  description: "Distributions of features in requests against those of the training, and its alerts",
  folder: "Models",
  choices: modelChoices,
  rows: {
    Now: [
      {
        show: "numbers",
        title: "Features that drifted",
        description: "Features whose population stability index is above 0.25: train again, or find out what changed.",
        unit: "none",
        queries: { drifted: `count(${drift} > 0.25) or vector(0)` },
        steps: [[1, "red"]],
        wide: 8,
      },
      {
        show: "numbers",
        title: "Largest drift",
        description:
          "Population stability index of the worst feature: below 0.1 is the same, above 0.25 another distribution.",
        unit: "short",
        queries: { "{{model}} {{version}}": `max by (model, version) (${drift})` },
        steps: READ,
        wide: 8,
      },
      {
        show: "numbers",
        title: "Alerts on drift",
        description: "ModelDrift or FeatureDrift holds for so many features. What to do: docs/monitoring.md.",
        unit: "none",
        queries: { alerts: 'count(ALERTS{alertname=~"ModelDrift|FeatureDrift",alertstate="firing"}) or vector(0)' },
        steps: [[1, "red"]],
        wide: 8,
      },
    ],
    Features: [
      {
        show: "bars",
        title: "Drift by feature",
        description: "Population stability index of the recent requests against the training data.",
        unit: "short",
        queries: { "{{feature}}": `max by (feature) (${drift})` },
        steps: READ,
        wide: 12,
      },
      {
        show: "lines",
        title: "Drift over time",
        description: "The same, over time. A jump is an incident at the source; a slope is the world that changes.",
        unit: "short",
        queries: { "{{model}} {{version}} {{feature}}": drift },
        steps: READ,
        wide: 12,
      },
    ],
    "Feature store": [
      {
        show: "bars",
        title: "Drift of stored features",
        description:
          "Population stability index of the newest value of each key against the last training set whose profile was kept.",
        unit: "short",
        queries: { "{{view}}:{{feature}}": `max by (view, feature) (${OF_STORE})` },
        steps: READ,
        wide: 12,
      },
      {
        show: "lines",
        title: "Missing and outside of the range",
        description: "Shares of the newest values that are missing, or that the definition doesn't allow.",
        unit: "percentunit",
        queries: {
          "{{view}}:{{feature}} missing": `max by (view, feature) (${OF_STORE.replace("feature_drift", "feature_null_share")})`,
          "{{view}}:{{feature}} outside": `max by (view, feature) (${OF_STORE.replace("feature_drift", "feature_outside_share")})`,
        },
        wide: 12,
      },
    ],
    Predictions: [
      {
        show: "lines",
        title: "What is found",
        description: "Share of each kind among what the model found in the last hour. It drifts where the input does.",
        unit: "percentunit",
        queries: {
          "{{kind}}": `sum by (kind) (increase(${ofModel("model_api_entities_total")}[1h])) / scalar(sum(increase(${ofModel("model_api_entities_total")}[1h])))`,
        },
        wide: 24,
      },
    ],
  },
};
