import { modelChoices, ofApi, ofModel } from "./model-choices.ts";
import type { DashboardInWords } from "./panel.ts";

const perSecond = (series: string): string => `rate(${series}[$__rate_interval])`;
const quantile = (share: number, by: string, buckets: string): string =>
  `histogram_quantile(${share}, sum by (le, ${by}) (${perSecond(buckets)}))`;
const feedback = (more: string): string =>
  `sum by (model, version) (increase(${ofModel("model_api_feedback_total", more)}[1h]))`;

/** ML-018, ML-026, ML-066 to ML-068: accuracy, latency and throughput of models. */
export const modelPerformance: DashboardInWords = {
  uid: "model-performance",
  title: "Model Performance",
  description: "How right, how fast and how much: the models that APIs have loaded",
  folder: "Models",
  choices: modelChoices,
  rows: {
    Accuracy: [
      {
        show: "bars",
        title: "Quality of the loaded version",
        description:
          "Precision, recall and F1 on the test data of its training. Alert ModelQualityLow says when F1 is too low.",
        unit: "percentunit",
        queries: { "{{model}} {{version}} {{metric}}": ofModel("model_api_model_quality") },
        base: "red",
        steps: [
          [0.8, "yellow"],
          [0.9, "green"],
        ],
        wide: 8,
      },
      {
        show: "lines",
        title: "Predictions that people found wrong",
        description: "Share of the feedback of the last hour. Alert ModelFeedbackBad says when it is too much.",
        unit: "percentunit",
        queries: {
          "{{model}} {{version}}": `(${feedback(',outcome="wrong"')} or 0 * ${feedback("")}) / ${feedback("")}`,
        },
        wide: 8,
      },
      {
        show: "table",
        title: "Loaded versions",
        description: "Which version each API answers with, and from which commit and data it comes.",
        unit: "none",
        queries: { "{{model}}": ofModel("model_api_model_info") },
        wide: 8,
      },
    ],
    Latency: [
      {
        show: "lines",
        title: "Time of a request",
        description:
          "Half, 95 and 99 in 100 requests to predict are answered in this time. Alert ModelApiSlow looks at the last one.",
        unit: "s",
        queries: Object.fromEntries(
          [0.5, 0.95, 0.99].map((share) => [
            `${share * 100}%`,
            quantile(share, "platform", ofApi("model_api_request_seconds_bucket", ',route=~"/predict.*"')),
          ]),
        ),
        wide: 12,
      },
      {
        show: "lines",
        title: "Time of a prediction",
        description: "In the model alone, 99 in 100.",
        unit: "s",
        queries: {
          "{{model}} {{version}}": quantile(0.99, "model, version", ofModel("model_api_prediction_seconds_bucket")),
        },
        wide: 12,
      },
    ],
    Throughput: [
      {
        show: "lines",
        title: "Predictions",
        description: "Texts a second, single or in batches.",
        unit: "cps",
        queries: {
          "{{model}} {{version}}": `sum by (model, version) (${perSecond(ofModel("model_api_predictions_total"))})`,
        },
        wide: 8,
      },
      {
        show: "lines",
        title: "Requests by answer",
        description: "A second, by HTTP status. 5xx has alert ModelApiErrors.",
        unit: "reqps",
        queries: { "{{code}}": `sum by (code) (${perSecond(ofApi("model_api_requests_total"))})` },
        wide: 8,
      },
      {
        show: "lines",
        title: "Requests in flight",
        description: "Being answered at this moment.",
        unit: "none",
        queries: { "{{platform}}": `sum by (platform) (${ofApi("model_api_in_flight")})` },
        wide: 8,
      },
    ],
    Use: [
      {
        show: "lines",
        title: "Refused requests",
        description:
          "In the last hour by reason: too many, too large, too busy, no right, no valid input, out of time.",
        unit: "none",
        queries: { "{{reason}}": `sum by (reason) (increase(${ofApi("model_api_rejected_total")}[1h]))` },
        wide: 8,
      },
      {
        show: "lines",
        title: "Value of events",
        description: "What applications reported in the last hour, by event and unit: revenue, engagement.",
        unit: "short",
        queries: {
          "{{event}} {{unit}}": `sum by (event, unit) (increase(${ofApi("model_api_event_value_total")}[1h]))`,
        },
        wide: 8,
      },
      {
        show: "lines",
        title: "Age of the loaded version",
        description: "Time since the API loaded it.",
        unit: "s",
        queries: { "{{model}} {{version}}": `time() - ${ofModel("model_api_model_loaded_timestamp_seconds")}` },
        wide: 8,
      },
    ],
  },
};
