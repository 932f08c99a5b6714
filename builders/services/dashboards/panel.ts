import { PanelBuilder as Bars } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  MappingType,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as Numbers } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as Table } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as Lines } from "@grafana/grafana-foundation-sdk/timeseries";
import { DATA_SOURCE } from "./data-source.ts";

/** Grafana's ids of units. @see https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts */
export type Unit = "short" | "none" | "percent" | "percentunit" | "bytes" | "Bps" | "s" | "reqps" | "ops" | "cps";

/** From a value on a panel is of this colour; below the first it is green, or red where `isLowBad`. */
export type Step = readonly [from: number, colour: "green" | "yellow" | "red"];

/** One panel in words. */
export interface Panel {
  readonly show: "lines" | "numbers" | "bars" | "table";
  readonly title: string;
  /** What it means, and when to worry. */
  readonly description: string;
  readonly unit: Unit;
  /** PromQL by legend, in Grafana's `{{label}}`. */
  readonly queries: Readonly<Record<string, string>>;
  /** Colour below the first step. */
  readonly base?: "green" | "red" | "blue";
  readonly steps?: readonly Step[];
  /** Words for values, as `{0: "down"}`. */
  readonly words?: Readonly<Record<string, string>>;
  /** Columns of 24. */
  readonly wide: number;
}

/** What a reader chooses at the top. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** Values of a label, `label_values(metric, label)`, or all of them; or a text that may be another, which is its default. */
  readonly from: { readonly values: string; readonly all: boolean } | { readonly text: string };
}

/** One dashboard in words; `rows` are panels by the heading above them. */
export interface DashboardInWords {
  /** Part of its address, and of its file's name. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly folder: "Operation" | "Models";
  readonly choices: readonly Choice[];
  readonly rows: Readonly<Record<string, readonly Panel[]>>;
}

/** Grafana's own form, which files of a provisioned folder have. */
export function grafanaDashboard({ uid, title, description, choices, rows }: DashboardInWords): Dashboard {
  const made = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(["bucketworks"])
    .readonly()
    .timezone("utc")
    .refresh("30s")
    .time({ from: "now-6h", to: "now" })
    .tooltip(DashboardCursorSync.Crosshair);
  for (const choice of choices) made.withVariable(variable(choice));
  let id = 0;
  for (const [heading, panels] of Object.entries(rows)) {
    made.withRow(new RowBuilder(heading).id(++id));
    for (const panel of panels) made.withPanel(grafanaPanel(panel).id(++id));
  }
  return made.build();
}

function variable({ name, label, from }: Choice): QueryVariableBuilder | TextBoxVariableBuilder {
  if ("text" in from) return new TextBoxVariableBuilder(name).label(label).defaultValue(from.text);
  const made = new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .query(from.values)
    .refresh(VariableRefresh.OnTimeRangeChanged);
  return from.all ? made.includeAll(true).allValue(".*").current({ text: "All", value: "$__all" }) : made;
}

function grafanaPanel({ show, title, description, unit, queries, base = "green", steps = [], words, wide }: Panel) {
  const panel = { lines: Lines, numbers: Numbers, bars: Bars, table: Table }[show];
  const thresholds: Threshold[] = [{ value: null, color: base }, ...steps.map(([value, color]) => ({ value, color }))];
  const made = new panel()
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .unit(unit)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(thresholds))
    .span(wide)
    .height(show === "numbers" ? 5 : 8);
  if (words !== undefined) {
    const options = Object.fromEntries(Object.entries(words).map(([value, text]) => [value, { text }]));
    made.mappings([{ type: MappingType.ValueToText, options }]);
  }
  Object.entries(queries).forEach(([legend, expr], index) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .expr(expr)
      .legendFormat(legend);
    made.withTarget(show === "lines" ? query.range() : query.instant().format(formatOf(show)));
  });
  return made;
}

function formatOf(show: Panel["show"]): PromQueryFormat {
  return show === "table" ? PromQueryFormat.Table : PromQueryFormat.TimeSeries;
}
