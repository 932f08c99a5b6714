import type { DashboardInWords } from "./panel.ts";

const platform = 'platform=~"$platform"';
const run = `pipeline_last_run_timestamp_seconds{${platform}}`;
const success = `pipeline_last_success_timestamp_seconds{${platform}}`;

/** When each step of a pipeline last ran, and how that went. */
export const pipelines: DashboardInWords = {
  uid: "pipelines",
  title: "Pipelines",
  description: "Steps of the data programs: last success, time, rows",
  folder: "Operation",
  choices: [
    {
      name: "platform",
      label: "Platform",
      from: { values: "label_values(pipeline_last_run_timestamp_seconds, platform)", all: true },
    },
  ],
  rows: {
    Now: [
      {
        show: "numbers",
        title: "Steps whose last run failed",
        description: "Alert PipelineFailed names each.",
        unit: "none",
        queries: { failed: `count(${run} > ${success} or ${run} unless ${success}) or vector(0)` },
        steps: [[1, "red"]],
        wide: 6,
      },
      {
        show: "bars",
        title: "Time since the last success",
        description: "Alert PipelineLate says when a step is due.",
        unit: "s",
        queries: { "{{platform}} {{step}}": `time() - ${success}` },
        steps: [
          [86_400, "yellow"],
          [172_800, "red"],
        ],
        wide: 18,
      },
    ],
    "Over time": [
      {
        show: "lines",
        title: "Time of a run",
        description: "Of the last run of each step.",
        unit: "s",
        queries: { "{{platform}} {{step}}": `pipeline_last_run_seconds{${platform}}` },
        wide: 12,
      },
      {
        show: "lines",
        title: "Rows",
        description: "What the last success of each step counted.",
        unit: "short",
        queries: { "{{platform}} {{step}} {{what}}": `pipeline_last_rows{${platform}}` },
        wide: 12,
      },
    ],
  },
};
