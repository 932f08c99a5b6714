import { rmSync } from "node:fs";
import type { Checkout } from "../../checkout.ts";
import { isAlive, isMark, type ProcessMark } from "../../ending/processes.ts";
import { ownPostgres } from "../own-processes.ts";
import { readText, writePrivate } from "../private-files.ts";

/** What the supervisor of the database server last wrote about itself; it may be stale. */
export interface PostgresRun {
  readonly supervisor: ProcessMark;
  /** Absent between two starts of the server. */
  readonly server?: ProcessMark;
  /** How often the server ended by itself since the supervisor started. */
  readonly deaths: number;
}

/** Undefined when there is none, or none that can be understood. */
export function readPostgresRun({ postgres }: Checkout): PostgresRun | undefined {
  try {
    const record = JSON.parse(readText(postgres.run) ?? "null");
    return isMark(record?.supervisor) ? record : undefined;
  } catch {
    return undefined;
  }
}

export function writePostgresRun({ postgres }: Checkout, record: PostgresRun): void {
  writePrivate(postgres.run, JSON.stringify(record));
}

export function forgetPostgresRun({ postgres }: Checkout): void {
  rmSync(postgres.run, { force: true });
}

/** The processes that serve this checkout, the supervisor first: the recorded ones, and those whose record is gone. */
export function livePostgres(checkout: Checkout): ProcessMark[] {
  const record = readPostgresRun(checkout);
  const recorded = [record?.supervisor, record?.server].filter(
    (mark): mark is ProcessMark => mark !== undefined && isAlive(mark),
  );
  return [...recorded, ...ownPostgres(checkout).filter(({ pid }) => recorded.every((mark) => mark.pid !== pid))];
}
