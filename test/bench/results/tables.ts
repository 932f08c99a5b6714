import { STEPS, type Step } from "../compared/tool.ts";
import { median, middle, mostMemory, seriesOf } from "./middle.ts";
import type { Bench, Size } from "./schema.ts";
import { type Target, targets } from "./targets.ts";

export const TITLES: Readonly<Record<Step, string>> = {
  create: "create",
  preview: "preview",
  refresh: "preview with refresh",
  scan: "scan",
  change: "one change",
  destroy: "destroy",
};

/** The part of docs/performance.md that the measurement makes, Markdown. */
export function sectionText(bench: Bench): string {
  const { machine, tools, sizes } = bench;
  const counted = sizes.findLast((size) => size.series.some(({ calls }) => calls !== null));
  const versions = Object.entries(tools).map(([name, version]) => `${name}: ${version}`);
  return [
    `${machine.cores} cores, ${machine.memory} GiB, ${machine.system}. ${versions.join("; ")}.`,
    ...sizes.map(sizeText),
    ...(counted ? [requestsText(counted)] : []),
    checksText(bench.checks),
    targetsText(targets(bench)),
  ].join("\n\n");
}

function sizeText(size: Size): string {
  const rounds = Math.max(...size.series.map((each) => each.rounds.length));
  const load = [Math.min(...size.load), Math.max(...size.load)].map((each) => each.toFixed(0)).join(" to ");
  const heads = [...STEPS.map((step) => TITLES[step]), "processors", "server", "memory", "state"];
  const rows = toolsOf(size).map((tool) => {
    const sum = (of: "cpuSeconds" | "serverSeconds") =>
      STEPS.reduce((total, step) => total + (middle(size, tool, step, of) ?? 0), 0);
    const state = size.states[tool];
    return [
      tool,
      ...STEPS.map((step) => figure(middle(size, tool, step, "seconds"))),
      figure(sum("cpuSeconds")),
      figure(sum("serverSeconds")),
      `${mostMemory(size, tool)?.toFixed(0)} MiB`,
      state === undefined ? "" : `${(state / 1000).toFixed(0)} kB`,
    ];
  });
  const of = rounds === 1 ? "one round" : `medians of ${rounds} rounds`;
  return `### ${size.buckets.toLocaleString("en")} buckets\n\n${size.on}, ${of}, load ${load}:\n\n${table(heads, rows)}`;
}

function requestsText(size: Size): string {
  const rows = toolsOf(size).map((tool) => [
    tool,
    ...STEPS.map((step) => seriesOf(size, tool, step)?.calls?.toLocaleString("en") ?? ""),
  ]);
  const heads = STEPS.map((step) => TITLES[step]);
  return `### Requests\n\nThat the server gets, ${size.buckets} buckets:\n\n${table(heads, rows)}`;
}

function checksText(checks: Bench["checks"]): string {
  const rows = checks.map(({ buckets, rounds }) => {
    const of = (name: "seconds" | "cpuSeconds" | "memory") => median(rounds.map((round) => round[name]));
    return [
      buckets.toLocaleString("en"),
      figure(of("seconds")),
      figure(of("cpuSeconds")),
      `${of("memory").toFixed(0)} MiB`,
    ];
  });
  return `### One file\n\n\`bucketworks check\` by the number of buckets in the file:\n\n${table(["seconds", "processors", "memory"], rows)}`;
}

function targetsText(all: readonly Target[]): string {
  const rows = all.map(({ what, most, found, processors, unit }) => {
    const words = (value: number | undefined) =>
      value === undefined ? "" : unit === "times" ? value.toFixed(2) : `${value.toFixed(1)} s`;
    const verdict = found === undefined ? "not measured" : found <= most ? "reached" : "not reached";
    return [what, words(most), words(found), words(processors), verdict];
  });
  return `### Targets\n\n${table(["at most", "found", "in processor time", ""], rows)}`;
}

const toolsOf = ({ series }: Size): string[] => [...new Set(series.map(({ tool }) => tool))];

/** Seconds, as exact as they are. */
function figure(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  return seconds >= 10 ? seconds.toFixed(0) : seconds.toFixed(1);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(["", ...heads]), line(["---", ...heads.map(() => "--:")]), ...rows.map(line)].join("\n");
}
