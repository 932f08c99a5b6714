import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MODEL = 'platform="mlops",model="identity-masker",version="3"';

/** Series that stand, and those that grow by so much each second, under the names that a model API has for them. */
const STANDING: Readonly<Record<string, number>> = {
  [`model_api_model_info{${MODEL},alias="production",semantic_version="1.2.0"}`]: 1,
  [`model_api_model_quality{${MODEL},metric="precision"}`]: 0.95,
  [`model_api_model_quality{${MODEL},metric="f1"}`]: 0.93,
  [`model_api_model_loaded_timestamp_seconds{${MODEL}}`]: 1_700_000_000,
  [`model_api_feature_drift{${MODEL},feature="length"}`]: 0.04,
  'feature_drift{platform="mlops",view="texts",feature="words"}': 0.03,
  'feature_null_share{platform="mlops",view="texts",feature="words"}': 0,
  'feature_outside_share{platform="mlops",view="texts",feature="words"}': 0,
  'model_api_in_flight{platform="mlops"}': 2,
};
const event = (name: string, variant: string): string =>
  `model_api_events_total{platform="mlops",experiment="colour",event="${name}",variant="${variant}"}`;
const GROWING: Readonly<Record<string, number>> = {
  'model_api_requests_total{platform="mlops",route="/predict",method="POST",code="200"}': 9,
  'model_api_rejected_total{platform="mlops",reason="rate"}': 1,
  [`model_api_predictions_total{${MODEL}}`]: 12,
  [`model_api_entities_total{${MODEL},kind="name"}`]: 5,
  [`model_api_feedback_total{${MODEL},outcome="right"}`]: 4,
  [event("view", "control")]: 10,
  [event("view", "green")]: 11,
  [event("purchase", "control")]: 2,
  [event("purchase", "green")]: 3,
  'model_api_event_value_total{platform="mlops",experiment="colour",event="purchase",variant="green",unit="usd"}': 20,
  'model_api_request_seconds_bucket{platform="mlops",route="/predict",le="0.1"}': 8,
  'model_api_request_seconds_bucket{platform="mlops",route="/predict",le="+Inf"}': 9,
  [`model_api_prediction_seconds_bucket{${MODEL},le="0.1"}`]: 11,
  [`model_api_prediction_seconds_bucket{${MODEL},le="+Inf"}`]: 12,
};

/**
 * Stands in for a model API that was used for some seconds: its series,, in a file that
 * node_exporter reads.
 * @returns what ends it and takes the series away
 */
export function modelSeries(folder: string): () => void {
  const began = Date.now();
  const file = join(folder, "model-series.prom");
  const write = (): void => {
    const seconds = 10 + (Date.now() - began) / 1000;
    const grown = Object.entries(GROWING).map(([series, each]) => [series, each * seconds] as const);
    const lines = [...Object.entries(STANDING), ...grown].map(([series, value]) => `${series} ${value}\n`);
    writeFileSync(`${file}.new`, lines.sort().join(""));
    renameSync(`${file}.new`, file);
  };
  write();
  const timer = setInterval(write, 500);
  return () => {
    clearInterval(timer);
    rmSync(file, { force: true });
  };
}
