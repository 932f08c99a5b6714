/** A row as a database gives it: texts, numbers, null. */
export type Row = Readonly<Record<string, unknown>>;
export type Value = string | number | null;
/** Runs one statement; `$1`, `$2` ... stand for the values, in SQLite and in PostgreSQL. */
export type Run = (sql: string, values?: readonly Value[]) => Promise<Row[]>;

/** A database with the tables of `TABLES`. */
export interface Store {
  /**
   * Runs statements as one transaction, one such piece of work after another, also beside other processes.
   * @throws DatabaseFault where the database can't be used; nothing of it is kept then
   */
  atomically<T>(work: (run: Run) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * What a history holds; a drill is of the backup of a bucket; `at`, `since` and the like are UTC instants as text that sorts. An alert is of a stage and server;
 * a notice is what a receiver was told of it, and who is telling it now.
 */
export const TABLES = [
  `create table if not exists runs (
    stage text not null, server text not null, at text not null, summary text not null,
    primary key (stage, server, at))`,
  `create table if not exists drills (
    stage text not null, server text not null, bucket text not null, at text not null, drill text not null,
    primary key (stage, server, bucket, at))`,
  `create table if not exists alerts (
    stage text not null, server text not null, key text not null, since text not null, ended text, alert text not null,
    primary key (stage, server, key))`,
  `create table if not exists notices (
    stage text not null, server text not null, key text not null, receiver text not null,
    since text not null, status text not null, at text not null, claimed_until text not null,
    primary key (stage, server, key, receiver))`,
] as const;

/** Has pieces of work wait for each other: a connection holds one transaction. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
