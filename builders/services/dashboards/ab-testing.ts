import { experimentQueries } from "./experiment.ts";
import type { DashboardInWords } from "./panel.ts";

/** From here on a difference is taken for more than chance. */
const SIGNIFICANT = 0.05;

const queries = experimentQueries({
  name: "$experiment",
  control: "$control",
  exposure: "$exposure",
  conversion: "$conversion",
  range: "$__range",
});

/** ML-029: results of experiments, and whether they are significant. */
export const abTesting: DashboardInWords = {
  uid: "ab-testing",
  title: "A/B Testing",
  description:
    "What variants of an experiment brought about in the chosen time, against its control, and whether that is chance",
  folder: "Models",
  choices: [
    {
      name: "experiment",
      label: "Experiment",
      from: { values: 'label_values(model_api_events_total{experiment!="none"}, experiment)', all: false },
    },
    {
      name: "control",
      label: "Control",
      from: { values: 'label_values(model_api_events_total{experiment="$experiment"}, variant)', all: false },
    },
    { name: "exposure", label: "Shown (event)", from: { text: "view" } },
    { name: "conversion", label: "Wanted (event)", from: { text: "purchase" } },
  ],
  rows: {
    Result: [
      {
        show: "numbers",
        title: "Significant?",
        description: `Two-proportion z test, two-sided: yes where chance alone would do it in fewer than ${SIGNIFICANT * 100} of 100 experiments. Choose the whole time of the experiment; looking again and again finds a difference at last.`,
        unit: "none",
        queries: { "{{variant}}": `(${queries.chance}) < bool ${SIGNIFICANT}` },
        base: "blue",
        steps: [[1, "green"]],
        words: { 0: "no", 1: "yes" },
        wide: 6,
      },
      {
        show: "numbers",
        title: "p",
        description: "How likely a difference of this size is by chance alone; 0.0003 off at most.",
        unit: "none",
        queries: { "{{variant}}": queries.chance },
        steps: [[SIGNIFICANT, "yellow"]],
        wide: 6,
      },
      {
        show: "numbers",
        title: "z",
        description: "Difference of the shares in standard errors; above 1.96 or below -1.96 is significant.",
        unit: "none",
        queries: { "{{variant}}": queries.z },
        base: "blue",
        wide: 6,
      },
      {
        show: "numbers",
        title: "Uplift",
        description: "How much larger the share that converted is than the control's.",
        unit: "percentunit",
        queries: { "{{variant}}": queries.uplift },
        base: "red",
        steps: [[0, "green"]],
        wide: 6,
      },
    ],
    Variants: [
      {
        show: "bars",
        title: "Share that converted",
        description: "Wanted events for each shown one.",
        unit: "percentunit",
        queries: { "{{variant}}": queries.rate },
        base: "blue",
        wide: 8,
      },
      {
        show: "bars",
        title: "Difference, 95% interval",
        description:
          "The true difference lies between both in 95 of 100 experiments. An interval that holds 0 says nothing yet.",
        unit: "percentunit",
        queries: { "{{variant}} at least": queries.low, "{{variant}} at most": queries.high },
        base: "blue",
        wide: 8,
      },
      {
        show: "table",
        title: "Counts",
        description: "How many saw each variant (A) and how many converted (B).",
        unit: "short",
        queries: { shown: queries.exposures, converted: queries.conversions },
        wide: 8,
      },
    ],
    Value: [
      {
        show: "lines",
        title: "Value by variant",
        description: "What events reported in the last hour, by unit.",
        unit: "short",
        queries: {
          "{{variant}} {{event}} {{unit}}":
            'sum by (variant, event, unit) (increase(model_api_event_value_total{experiment="$experiment"}[1h]))',
        },
        wide: 24,
      },
    ],
  },
};
