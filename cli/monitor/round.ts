import type { Alerts } from "../../config/stack/alerts.ts";
import type { Alert, KnownAlert, Place } from "../../history/history.ts";
import { urlOf } from "../../live/server-address.ts";
import { isOfNone, judge, judgeUnreachable } from "../../monitor/judge.ts";
import type { MonitorState } from "../../monitor/metrics.ts";
import { tellAll } from "../../monitor/tell.ts";
import type { Report } from "../../report/schema.ts";
import { runSummaryOf } from "../../report/summary.ts";
import { collectReport } from "../report/collect.ts";
import type { Target } from "../target/target.ts";
import type { StackAt } from "../verify/identities.ts";
import type { KeptRuns } from "./kept.ts";
import { type Result, resultOf } from "./results.ts";

/** Runs of a day, at one every five minutes, by which a fall of the score is seen. */
const EARLIER = 288;
/** What fires goes on firing for Alertmanager this many intervals without a word, and at least so many seconds. */
const LASTS = { intervals: 4, seconds: 600 };

export interface Watch {
  readonly target: Target;
  readonly stack: StackAt;
  readonly identities: boolean;
  /** True where some of the stage's platforms were named. */
  readonly somePlatforms: boolean;
  readonly alerts: Alerts | undefined;
  /** URL of the Alertmanager that runs now. */
  readonly alertmanager: () => Promise<string | undefined>;
  readonly kept: KeptRuns;
  /** Seconds. */
  readonly interval: number;
  readonly complain: (sentence: string) => void;
}

/** Looks, keeps, judges, tells; and knows what came of it. */
export class Watcher {
  readonly #watch: Watch;
  #state: Omit<MonitorState, "interval" | "historyFailures"> = {
    last: undefined,
    runs: 0,
    failed: 0,
    firing: [],
    sent: 0,
    sendFailures: 0,
  };

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  get state(): Omit<MonitorState, "interval" | "historyFailures"> {
    return this.#state;
  }

  /** One run. An outage is a result. */
  async run(): Promise<{ readonly result: Result; readonly report: Report }> {
    const { target, stack, identities, somePlatforms, kept } = this.#watch;
    const report = await collectReport(target, {
      ...{ depth: "health", stack, identities, somePlatforms },
      drills: () => kept.drills(this.#of),
    });
    const reason = unreachable(report);
    const summary = runSummaryOf(report);
    const earlier = await kept.last(this.#of, EARLIER);
    await kept.add(summary);
    const { platforms } = target.model;
    const { firing, isJudged } =
      reason === undefined ? judge(report, platforms, earlier) : judgeUnreachable(reason, platforms);
    const isLeft = somePlatforms ? () => false : isOfNone(platforms);
    const isOver = (alert: Alert) => isJudged(alert) || isLeft(alert);
    const fires = await kept.withAlerts(async (book) => {
      await book.note(this.#of, firing, isOver, report.generated_at);
      return book.firing(this.#of);
    });
    const { runs, failed } = this.#state;
    this.#state = {
      ...this.#state,
      last: { report, reason },
      runs: runs + 1,
      failed: failed + (reason === undefined ? 0 : 1),
      firing: fires,
    };
    return { report, result: resultOf(report, summary, { not_looked: reason ?? null, alerts: fires.map(shown) }) };
  }

  /** Tells who has to know something by now, and tries again what a receiver didn't take. */
  async tell(): Promise<void> {
    const { kept, alerts, interval, target, complain } = this.#watch;
    const repeat = new Map(target.model.platforms.map(({ name, alerting }) => [name, alerting?.monitor.repeatSeconds]));
    const alertmanager = await this.#watch.alertmanager();
    const { sent, failures } = await kept.withAlerts((book) =>
      tellAll({
        ...{ of: this.#of, book, alerts, alertmanager },
        repeat: (platform) => repeat.get(platform) ?? Number.POSITIVE_INFINITY,
        lasts: Math.max(LASTS.intervals * interval, LASTS.seconds),
      }),
    );
    for (const failure of failures) complain(failure);
    this.#state = {
      ...this.#state,
      sent: this.#state.sent + sent,
      sendFailures: this.#state.sendFailures + failures.length,
    };
  }

  get #of(): Place {
    const { model, server } = this.#watch.target;
    return { stage: model.stage, server: urlOf(server) };
  }
}

/** Why nothing could be looked at; undefined where something could. */
function unreachable({ buckets }: Report): string | undefined {
  if (buckets.length === 0 || buckets.some(({ status }) => status !== "unknown")) return undefined;
  return buckets[0]?.not_looked ?? "no bucket could be looked at";
}

function shown({ platform, name, severity }: KnownAlert): string {
  return `${platform} ${name} (${severity})`;
}
