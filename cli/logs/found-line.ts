import { oneLine } from "../../config/text/plain.ts";
import type { Found } from "./search.ts";

/** Fields that are shown by their place, and those that the store adds. */
const PLACED = ["_time", "_msg", "level", "service", "platform", "correlation_id", "_stream", "_stream_id"];

/** A line for people: time, level, program, run, message, and what it tells besides. */
export function foundLine(found: Found): string {
  const { _time, _msg, level, service, platform, correlation_id: run } = found;
  const rest = Object.entries(found).filter(([name]) => !PLACED.includes(name));
  const program = [platform, service].filter(Boolean).join("/");
  const parts = [
    _time === undefined ? "" : new Date(_time).toISOString(),
    (level ?? "").padEnd(level === undefined ? 0 : 7),
    program,
    run ? `[${run}]` : "",
    _msg ?? "",
    ...rest.map(([name, value]) => `${name}=${/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`),
  ];
  return oneLine(parts.filter((part) => part !== "").join(" "));
}

/**
 * What is wrong with a query, with its place.
 * @param said the store's own words: they end with the query up to the fault
 */
export function queryFault(query: string, said: string): string {
  const [, reason = said, context] =
    /^cannot parse `query` arg \[.*?\]: ([\s\S]*?)(?:; context: \[([\s\S]*)\])?$/.exec(said) ?? [];
  const at = context === undefined ? "" : `character ${Math.min(context.length, query.length)}: `;
  const mark =
    context === undefined
      ? ""
      : `\n  ${oneLine(query)}\n  ${" ".repeat(Math.max(0, Math.min(context.length, query.length) - 1))}^`;
  return `logs --query: ${at}${oneLine(reason)}${mark}\nput text that has more than letters and digits into quotes, like --query '"GET /predict"'; https://docs.victoriametrics.com/victorialogs/logsql/`;
}
