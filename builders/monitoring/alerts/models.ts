import type { Alerting } from "../../../config/model.ts";
import type { AlertInWords } from "../alert.ts";

/** So much feedback says something. */
const FEEDBACK = 20;

/** One that was ready since then is missed; before, none was there to miss. */
const WEEK = "7d";

/** The model API of a platform fails, is slow, or answers worse than it did. */
export function models(
  platform: string,
  { models: allowed, failures: { forSeconds: seconds } }: Alerting,
): AlertInWords[] {
  const of = (metric: string, more = ""): string => `${metric}{platform="${platform}"${more}}`;
  const rate = (series: string, by: string): string => `sum by (${by}) (rate(${series}[5m]))`;
  const requests = (more: string): string => rate(of("model_api_requests_total", more), "platform");
  const feedback = (more: string): string =>
    `sum by (model, version) (increase(${of("model_api_feedback_total", more)}[1h]))`;
  const lost = `sum by (kind) (increase(${of("model_api_records_dropped_total")}[1h]))`;
  const info = of("model_api_model_info");
  const before = `on () last_over_time(${info}[${WEEK}])`;
  const buckets = rate(of("model_api_request_seconds_bucket", ',route=~"/predict.*"'), "platform, le");
  return [
    {
      name: "ModelNotReady",
      expression: `absent(${info}) and ${before}`,
      seconds,
      severity: "critical",
      summary: `The model of ${platform} isn't ready any more: its API doesn't run, or has loaded none.`,
    },
    {
      name: "ModelNeverReady",
      expression: `absent(${info}) unless ${before}`,
      seconds,
      severity: "warning",
      summary: `No model of ${platform} was ready in the last 7 days: train one and register it (make model).`,
    },
    {
      name: "ModelApiErrors",
      expression: `100 * ${requests(',code=~"5.."')} / ${requests("")} > ${allowed.errorPercent}`,
      seconds,
      severity: "critical",
      summary: `{{ printf "%.1f" $value }}% of the requests to the model API of ${platform} fail, allowed are ${allowed.errorPercent}%.`,
    },
    {
      name: "ModelApiSlow",
      expression: `histogram_quantile(0.99, ${buckets}) > ${allowed.latencySeconds}`,
      seconds,
      severity: "warning",
      summary: `1 in 100 predictions of ${platform} takes {{ humanizeDuration $value }} or longer, allowed are ${allowed.latencySeconds}s.`,
    },
    {
      name: "ModelQualityLow",
      expression: `min by (model, version) (${of("model_api_model_quality", ',metric="f1"')}) < ${allowed.quality}`,
      seconds: 0,
      severity: "warning",
      summary: `Version {{ $labels.version }} of {{ $labels.model }} of ${platform} is in use with F1 {{ printf "%.2f" $value }}, at least ${allowed.quality} is asked for.`,
    },
    {
      name: "ModelFeedbackBad",
      expression: `100 * ${feedback(',outcome="wrong"')} / ${feedback("")} > ${allowed.wrongPercent} and ${feedback("")} >= ${FEEDBACK}`,
      seconds: 0,
      severity: "warning",
      summary: `People found {{ printf "%.0f" $value }}% of the predictions of {{ $labels.model }} {{ $labels.version }} of ${platform} wrong in the last hour, allowed are ${allowed.wrongPercent}%.`,
    },
    {
      name: "ModelDrift",
      expression: `max by (model, version, feature) (${of("model_api_feature_drift")}) > ${allowed.drift}`,
      seconds,
      severity: "warning",
      summary: `Requests to {{ $labels.model }} {{ $labels.version }} of ${platform} differ from its training data in {{ $labels.feature }}: index {{ printf "%.2f" $value }}, allowed is ${allowed.drift}.`,
    },
    {
      // What is lost once is never had again, so one is enough.
      name: "ExperimentRecordsLost",
      expression: `${lost} > 0`,
      seconds: 0,
      severity: "critical",
      summary: `The model API of ${platform} lost about {{ printf "%.0f" $value }} records of experiments ({{ $labels.kind }}) in the last hour: it has no room for more, or can't write its file.`,
    },
  ];
}
