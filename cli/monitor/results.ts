import { plainJson } from "../../config/text/json.ts";
import type { Report, RunSummary } from "../../report/schema.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readRecord, readWhole, writePrivate } from "../local/private-files.ts";

/** A run as `monitor` tells of it: what the history keeps, how long it took, and why it couldn't look. */
export type Result = RunSummary & {
  readonly duration_seconds: number;
  readonly platforms: Readonly<Record<string, number | null>>;
  readonly not_looked: string | null;
  readonly alerts: readonly string[];
};

export function resultOf(
  { duration_seconds, platforms }: Report,
  summary: RunSummary,
  more: Pick<Result, "not_looked" | "alerts">,
): Result {
  const scores = platforms.map(({ name, health_score }) => [name, health_score] as const);
  return { ...summary, duration_seconds, platforms: Object.fromEntries(scores), ...more };
}

/** Most runs of a file: a monitor that never ends mustn't fill a disk. */
const MOST = 10_000;

/** The file of a time series: written anew after each run, whole, so that no reader meets half of one. */
export class ResultsFile {
  readonly #path: string;
  #runs: Result[] = [];

  /** @throws CommandError where something else has that name, or the system's error where it can't be written */
  constructor(path: string) {
    this.#path = path;
    const before = readRecord(path) as { schemaVersion?: unknown; runs?: unknown } | undefined;
    const isOurs = before?.schemaVersion === 1 && Array.isArray(before.runs);
    if (readWhole(path) !== undefined && !isOurs) {
      const message = `monitor: --output ${path} is there and holds no results of a monitor; move it away, or name another file`;
      throw new CommandError(message, EXIT.wrongUse);
    }
    this.#write();
  }

  add(result: Result): void {
    this.#runs = [...this.#runs, result].slice(-MOST);
    this.#write();
  }

  #write(): void {
    writePrivate(this.#path, plainJson({ schemaVersion: 1, runs: this.#runs }));
  }
}

/** One line for people. */
export function resultLine(result: Result): string {
  const { at, overall_health_score: score, total_buckets: total, unhealthy_buckets: unhealthy } = result;
  const took = `${result.duration_seconds.toFixed(1)} s`;
  const alerts = result.alerts.length === 0 ? "" : `; alerts: ${result.alerts.join(", ")}`;
  if (result.not_looked !== null) return `${at} could not look: ${result.not_looked} (${took})${alerts}`;
  const what = unhealthy === 0 ? `${total} healthy` : `${unhealthy} of ${total} not healthy`;
  return `${at} score ${score ?? "-"}, buckets: ${what} (${took})${alerts}`;
}
