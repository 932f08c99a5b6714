import type { BackupDrill, RunSummary } from "../report/schema.ts";

/** A stage on a server. */
export type Place = Pick<RunSummary, "stage" | "server">;

/** Where runs of `report`, `verify --report` and `monitor` are kept, the latest last, and what people were told of them. */
export interface History {
  /** Keeps a run; the same instant of the same stage and server is kept once. */
  add(run: RunSummary): Promise<void>;
  /** The last runs of a stage on a server, oldest first. @param most how many */
  last(of: Place, most: number): Promise<RunSummary[]>;
  readonly alerts: AlertBook;
  readonly drills: DrillBook;
  close(): Promise<void>;
}

/** Drills of the backups of buckets. */
export interface DrillBook {
  /** Keeps one; the same instant of the same bucket is kept once. */
  add(of: Place, bucket: string, drill: BackupDrill): Promise<void>;
  /** The last one of each bucket that has one. */
  last(of: Place): Promise<ReadonlyMap<string, BackupDrill>>;
}

/** Something that people are told. */
export interface Alert {
  readonly name: string;
  readonly severity: "critical" | "warning";
  readonly platform: string;
  /** One sentence. */
  readonly summary: string;
  /** Those that it is about, of alerts that are about buckets; absent in what earlier versions kept. */
  readonly buckets?: readonly string[];
}

/** An alert since it fires; instants are UTC. */
export interface KnownAlert extends Alert {
  readonly since: string;
  /** Null while it fires. */
  readonly ended: string | null;
}

/** What a receiver was told of an alert. */
export interface Notice {
  /** Of the time it fired that this is about. */
  readonly since: string;
  /** `untold`: it was tried, and the receiver didn't take it. */
  readonly status: "untold" | "firing" | "resolved";
  readonly at: string;
  /** Until then somebody is telling it. */
  readonly claimedUntil: string;
}

/** Alerts of a stage on a server. Monitors that run at once share it: what one is telling, no other one tells. */
export interface AlertBook {
  /**
   * Notes what fires: what is new begins, what fires no longer has ended.
   * @param isJudged whether an alert that isn't among them could be seen; one that couldn't be stays as it is
   */
  note(of: Place, firing: readonly Alert[], isJudged: (alert: Alert) => boolean, at: string): Promise<void>;
  /** Those that fire. */
  firing(of: Place): Promise<KnownAlert[]>;
  /** Takes upon itself to tell a receiver what is due, until a time at most: who is killed leaves it to others then. */
  claim(of: Place, receiver: string, isDue: IsDue, until: string): Promise<KnownAlert[]>;
  /** The end of a claim. @param isTold false where the receiver didn't take it */
  settle(of: Place, receiver: string, alert: KnownAlert, isTold: boolean, at: string): Promise<void>;
}

export type IsDue = (alert: KnownAlert, notice: Notice | undefined) => boolean;
