import type { Alerting } from "../../../config/model.ts";
import type { AlertInWords } from "../alert.ts";

/** The newest values of a platform's features are wrong, or others than its models learnt from. */
export function features(
  platform: string,
  { models: allowed, failures: { forSeconds: seconds } }: Alerting,
): AlertInWords[] {
  const of = (metric: string): string => `max by (view, feature) (${metric}{platform="${platform}"})`;
  return [
    {
      name: "FeatureDrift",
      expression: `${of("feature_drift")} > ${allowed.drift}`,
      seconds,
      severity: "warning",
      summary: `Values of {{ $labels.view }}:{{ $labels.feature }} of ${platform} differ from those of its last training set: index {{ printf "%.2f" $value }}, allowed is ${allowed.drift}.`,
    },
    {
      name: "FeatureNulls",
      expression: `100 * (${of("feature_null_share")} > ${of("feature_null_share_allowed")})`,
      seconds,
      severity: "warning",
      summary: `{{ printf "%.1f" $value }}% of the values of {{ $labels.view }}:{{ $labels.feature }} of ${platform} are missing, more than its definition allows.`,
    },
    {
      name: "FeatureOutOfRange",
      expression: `100 * ${of("feature_outside_share")} > 0`,
      seconds,
      severity: "warning",
      summary: `{{ printf "%.1f" $value }}% of the values of {{ $labels.view }}:{{ $labels.feature }} of ${platform} lie outside of the range in its definition.`,
    },
  ];
}
