import type { Alerting } from "../../../config/model.ts";
import { type AlertInWords, durationText } from "../alert.ts";

/** Steps of a platform's data programs fail, or don't run any more. One that has never run is none. */
export function pipelines(platform: string, { pipelines: { maxAgeSeconds } }: Alerting): AlertInWords[] {
  const last = (what: string): string => `pipeline_last_${what}_timestamp_seconds{platform="${platform}"}`;
  const each = (series: string): string => `max by (step) (${series})`;
  const [run, success] = [each(last("run")), each(last("success"))];
  return [
    {
      name: "PipelineFailed",
      expression: `${run} > ${success} or ${run} unless ${success}`,
      seconds: 0,
      severity: "warning",
      summary: `The last run of step {{ $labels.step }} of ${platform} failed.`,
    },
    {
      name: "PipelineLate",
      expression: `time() - ${success} > ${maxAgeSeconds}`,
      seconds: 0,
      severity: "warning",
      summary: `Step {{ $labels.step }} of ${platform} hasn't succeeded for {{ humanizeDuration $value }}, allowed are ${durationText(maxAgeSeconds)}.`,
    },
  ];
}
