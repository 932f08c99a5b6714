import { DatabaseFault } from "../../database/fault.ts";
import type { History } from "../../history/history.ts";
import { urlOf } from "../../live/server-address.ts";
import type { Report } from "../../report/schema.ts";
import { runSummaryOf } from "../../report/summary.ts";
import { historyPlace } from "../target/history-place.ts";
import type { Target } from "../target/target.ts";
import { tell } from "../terminal/print.ts";
import { type CollectOptions, collectReport } from "./collect.ts";

/** A report with the trend of earlier runs; this one is kept for later ones. A history that can't be used takes none away. */
export async function keptReport(target: Target, options: Omit<CollectOptions, "history">): Promise<Report> {
  const history = await opened(historyPlace(options.stack.name, options.stack.env, options.stack.root));
  try {
    const of = { stage: target.model.stage, server: urlOf(target.server) };
    const report = await collectReport(target, { ...options, history, drills: () => history.drills.last(of) });
    return await history.add(runSummaryOf(report)).then(
      () => report,
      (error: unknown) => withoutTrend(report, error),
    );
  } finally {
    await history.close();
  }
}

function withoutTrend(report: Report, error: unknown): Report {
  if (!(error instanceof DatabaseFault)) throw error;
  const reason = `this run isn't kept: ${error.message}`;
  if (report.not_looked.some(({ what }) => what === "trend")) return report;
  return { ...report, not_looked: [...report.not_looked, { what: "trend", reason }] };
}

async function opened(place: string): Promise<History> {
  try {
    const { openHistory } = await import("../../history/open-history.ts");
    return await openHistory(place, tell);
  } catch (error) {
    if (!(error instanceof DatabaseFault)) throw error;
    const refuse = () => Promise.reject(error);
    return {
      ...({} as History),
      add: refuse,
      last: refuse,
      drills: { add: refuse, last: refuse },
      close: () => Promise.resolve(),
    };
  }
}
