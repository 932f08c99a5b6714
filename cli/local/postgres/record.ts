import { rmSync } from "node:fs";
import type { Checkout } from "../checkout.ts";
import { readText, writePrivate } from "../private-files.ts";
import { isAlive, type ProcessMark } from "../processes.ts";

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
    return typeof record?.supervisor?.pid === "number" ? record : undefined;
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

/** The recorded processes that live, the supervisor first. */
export function livePostgres(record: PostgresRun | undefined): ProcessMark[] {
  const marks = [record?.supervisor, record?.server];
  return marks.filter((mark): mark is ProcessMark => mark !== undefined && isAlive(mark));
}
