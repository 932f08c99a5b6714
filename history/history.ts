import type { RunSummary } from "../report/schema.ts";

/** Where runs of `report`, `verify --report` and `monitor` are kept, the latest last. */
export interface History {
  /** Keeps a run; the same instant of the same stage and server is kept once. */
  add(run: RunSummary): Promise<void>;
  /** The last runs of a stage on a server, oldest first. @param most how many */
  last(of: Pick<RunSummary, "stage" | "server">, most: number): Promise<RunSummary[]>;
  close(): Promise<void>;
}
