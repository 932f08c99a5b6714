/** What was done of one kind of work. */
interface Work {
  lines: number;
  left: number;
  failures: number;
  /** Seconds since 1970. */
  lastSuccess: number;
  /** The fault that lasts. */
  fault: string | undefined;
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
    const has = this.#works.get(kind) ?? { lines: 0, left: 0, failures: 0, lastSuccess: 0, fault: undefined };
    this.#works.set(kind, has);
    try {
      const { lines, left } = await work();
      if (has.fault !== undefined) this.#line("info", `${kind}: goes on after ${has.fault}`);
      Object.assign(has, { lines: has.lines + lines, left, lastSuccess: Date.now() / 1000, fault: undefined });
      return left > 0;
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      if (has.fault !== fault) this.#line("warning", `${kind}: ${fault}; tried again until it works, nothing is lost`);
      has.fault = fault;
      has.failures++;
      return false;
    }
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
      of("log_shipper_last_success_timestamp_seconds", "gauge", "When it last worked.", (work) => work.lastSuccess),
    ].join("\n")}\n`;
  }

  #line(level: string, message: string): void {
    const about = { service: "log_shipper", platform: "" };
    this.#say(JSON.stringify({ time: new Date().toISOString(), level, message, ...about }));
  }
}
