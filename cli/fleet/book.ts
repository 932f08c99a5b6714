import { join } from "node:path";
import { makePrivateFolder, readRecord, writePrivate } from "../local/private-files.ts";
import type { FleetReport, StackResult } from "./result.ts";

/** Keeps the results of a run while it goes on, so that one that ends early can be resumed. */
export class FleetBook {
  readonly folder: string;
  readonly #file: string;

  constructor(root: string, command: string) {
    this.folder = join(root, ".bucketworks", "fleet", command);
    this.#file = join(this.folder, "results.json");
    makePrivateFolder(this.folder);
  }

  write(report: FleetReport): void {
    writePrivate(this.#file, JSON.stringify(report));
  }

  /** The results of the run before; none where there was none. */
  before(): readonly StackResult[] {
    const record = readRecord(this.#file) as Partial<FleetReport> | undefined;
    return record?.schemaVersion === 1 && Array.isArray(record.results) ? record.results : [];
  }
}
