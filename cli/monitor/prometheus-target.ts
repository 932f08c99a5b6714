import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MONITORS_FOLDER } from "../../builders/services/prometheus.ts";
import { checkoutAt } from "../checkout.ts";
import { isAlive, markOf } from "../ending/processes.ts";
import { writePrivate } from "../local/private-files.ts";
import { folderOf } from "../local/services/local-service.ts";

/** Has the Prometheus of a checkout, where it has one, read the metrics of this process while it runs. */
export class PrometheusTarget {
  readonly #folder: string;
  readonly #target: string;

  /** @param target host:port */
  constructor(root: string, target: string) {
    this.#folder = folderOf("prometheus", checkoutAt(root));
    this.#target = target;
  }

  /** To be called again and again: Prometheus may be set up later than the monitor. */
  announce(): void {
    if (!existsSync(this.#folder) || existsSync(this.#file)) return;
    mkdirSync(this.#monitors, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#monitors)) {
      const pid = Number(/^(\d+)\.json$/.exec(name)?.[1]);
      // One that was killed couldn't take its own away.
      if (Number.isInteger(pid) && !isAlive(markOf(pid))) rmSync(join(this.#monitors, name), { force: true });
    }
    writePrivate(this.#file, JSON.stringify([{ targets: [this.#target] }]));
  }

  withdraw(): void {
    rmSync(this.#file, { force: true });
  }

  get #monitors(): string {
    return join(this.#folder, MONITORS_FOLDER);
  }

  get #file(): string {
    return join(this.#monitors, `${process.pid}.json`);
  }
}
