import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Alert } from "../../builders/monitoring/alert.ts";
import type { AlertGroup } from "../../builders/monitoring/prometheus-rule.ts";
import { ruleChecker } from "./toolchain.ts";

type Series = Readonly<Record<string, string>>;

/** Series of one minute a value: those in which the alert fires, after how long and how it says so, and those in which it doesn't. */
export interface AlertCase {
  readonly fires: Series;
  readonly after: string;
  readonly summary: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly quiet: Series;
}

/** What Prometheus's own checker said. */
export interface Said {
  readonly code: number | null;
  readonly said: string;
}

/** Prometheus's own checker, in a folder of its own. */
export class JudgedAlerts {
  readonly #folder = mkdtempSync(join(tmpdir(), "bucketworks-alerts-"));

  constructor(groups: readonly AlertGroup[]) {
    writeFileSync(join(this.#folder, "rules.json"), JSON.stringify({ groups }));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Judges the form of rules. */
  checked(of: readonly AlertGroup[]): Said {
    writeFileSync(join(this.#folder, "checked.json"), JSON.stringify({ groups: of }));
    return this.#promtool("check", "rules", "--lint=all", "--lint-fatal", "checked.json");
  }

  /** Judges a file: of rules, or a `prometheus.yml` without the files that it names. */
  checkedFile(kind: "rules" | "config", path: string): Said {
    return this.#promtool("check", kind, ...(kind === "config" ? ["--syntax-only"] : []), path);
  }

  /** Whether an alert fires in series in which it does, and says why, or keeps quiet in others. */
  judged({ alert, labels, annotations }: Alert, each: AlertCase, fires: boolean): Said {
    const fired = {
      exp_labels: { ...labels, ...each.labels },
      exp_annotations: { ...annotations, summary: each.summary },
    };
    return this.#tested(fires ? each.fires : each.quiet, {
      alert_rule_test: [{ eval_time: each.after, alertname: alert, exp_alerts: fires ? [fired] : [] }],
    });
  }

  /** Whether a query has these samples at a time. */
  evaluated(series: Series, time: string, expr: string, samples: readonly object[]): Said {
    return this.#tested(series, { promql_expr_test: [{ expr, eval_time: time, exp_samples: samples }] });
  }

  #tested(series: Series, asked: object): Said {
    const input = Object.entries(series).map(([name, values]) => ({ series: name, values }));
    const tests = [{ interval: "1m", input_series: input, ...asked }];
    const all = { rule_files: ["rules.json"], evaluation_interval: "1m", fuzzy_compare: true, tests };
    writeFileSync(join(this.#folder, "tests.json"), JSON.stringify(all));
    return this.#promtool("test", "rules", "tests.json");
  }

  #promtool(...args: string[]): Said {
    const { status, stdout, stderr } = spawnSync(ruleChecker(), args, { cwd: this.#folder, encoding: "utf8" });
    return { code: status, said: stdout + stderr };
  }
}
