import { basename } from "node:path";
import type { SourceRead } from "./reading.ts";
import { StoreFault } from "./store.ts";

/** What was done of one kind of work. */
interface Work {
  lines: number;
  left: number;
  failures: number;
  /** Seconds since 1970. */
  lastSuccess: number;
  /** The fault that lasts. */
  fault: string | undefined;
  /** How often lines of a log may have been lost. */
  gaps: number;
  /** Logs that can't be read, and why. */
  unread: ReadonlyMap<string, string>;
  /** Whether waiting doesn't help: the login is refused. */
  isRefused: boolean;
}

type Kind = "logs" | "audit";

/** How the shipper does: as metrics for Prometheus, and in its own log when that changes. */
export class Told {
  readonly #works = new Map<Kind, Work>();
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void = (line) => void process.stdout.write(`${line}\n`)) {
    this.#say = say;
  }

  /**
   * Does work; what goes wrong is said once, and once that it is over.
   * @returns whether something is left to do at once
   */
  async during(kind: Kind, work: () => Promise<{ lines: number; left: number }>): Promise<boolean> {
    const has = this.#of(kind);
    try {
      const { lines, left } = await work();
      if (has.fault !== undefined) this.#line("info", `${kind}: goes on after ${has.fault}`);
      Object.assign(has, {
        lines: has.lines + lines,
        left,
        lastSuccess: Date.now() / 1000,
        fault: undefined,
        isRefused: false,
      });
      return left > 0;
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      if (has.fault !== fault)
        this.#line("warning", `${kind}: ${fault}; tried again until it works, lines wait in the logs`);
      has.fault = fault;
      has.isRefused = error instanceof StoreFault && error.status === 401;
      has.failures++;
      return false;
    }
  }

  /** Says which logs can't be read, once, and of which lines may be lost; the trail of audit lines tells that itself. */
  looked(kind: Kind, reads: readonly SourceRead[]): void {
    const has = this.#of(kind);
    for (const { source, isGap } of reads) {
      if (!isGap) continue;
      has.gaps++;
      const log = basename(source.path);
      const text = `${kind}: lines of ${log} may be lost: it was emptied, moved or removed before all of it was read`;
      const trail = { audit: true, actor: "log_shipper", action: "logs.lost", object: log, outcome: "failed" };
      this.#line("error", text, kind === "audit" ? trail : {});
    }
    const faults = reads.flatMap(({ source, fault }) => (fault === undefined ? [] : [[source.path, fault] as const]));
    this.unread(kind, new Map(faults));
  }

  /** Says which logs can't be read, once. */
  unread(kind: Kind, unread: ReadonlyMap<string, string>): void {
    const has = this.#of(kind);
    for (const [path, fault] of unread)
      if (has.unread.get(path) !== fault) this.#line("warning", `${kind}: ${fault}; the other logs are read`);
    has.unread = new Map(unread);
  }

  #of(kind: Kind): Work {
    const none = {
      lines: 0,
      left: 0,
      failures: 0,
      lastSuccess: 0,
      fault: undefined,
      isRefused: false,
      gaps: 0,
      unread: new Map(),
    };
    const has = this.#works.get(kind) ?? none;
    this.#works.set(kind, has);
    return has;
  }

  /**
   * Why it isn't well; undefined where it is. A store that is away for a while keeps it well: lines wait.
   */
  complaint(): string | undefined {
    const logs = this.#works.get("logs");
    if (logs === undefined || (logs.lastSuccess === 0 && logs.fault === undefined)) return "it hasn't shipped yet";
    return logs.isRefused ? logs.fault : undefined;
  }

  /** @see https://prometheus.io/docs/instrumenting/exposition_formats/ */
  metrics(): string {
    const of = (name: string, type: string, help: string, value: (work: Work) => number) =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...[...this.#works].map(([kind, work]) => `${name}{kind="${kind}"} ${value(work)}`),
      ].join("\n");
    return `${[
      of("log_shipper_lines_total", "counter", "Lines that were taken.", ({ lines }) => lines),
      of("log_shipper_left_bytes", "gauge", "Bytes of logs that were left at the last look.", ({ left }) => left),
      of("log_shipper_failures_total", "counter", "Tries that failed.", ({ failures }) => failures),
      of("log_shipper_gaps_total", "counter", "Logs of which lines may be lost.", ({ gaps }) => gaps),
      of("log_shipper_unread_logs", "gauge", "Logs that can't be read.", ({ unread }) => unread.size),
      of("log_shipper_last_success_timestamp_seconds", "gauge", "When it last worked.", (work) => work.lastSuccess),
    ].join("\n")}\n`;
  }

  #line(level: string, message: string, more: object = {}): void {
    const about = { service: "log_shipper", platform: "" };
    this.#say(JSON.stringify({ time: new Date().toISOString(), level, message, ...about, ...more }));
  }
}
