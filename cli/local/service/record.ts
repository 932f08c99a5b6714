import { rmSync } from "node:fs";
import { isAlive, isMark, type ProcessMark } from "../../ending/processes.ts";
import { readRecord, writePrivate } from "../private-files.ts";
import type { LocalService, StartedWith } from "./local-service.ts";

/** What a supervisor last wrote about itself. It may be stale: trust it only through `isAlive`. */
export interface RunRecord extends StartedWith {
  readonly supervisor: ProcessMark;
  /** Absent between two starts of the server. */
  readonly server?: ProcessMark;
  /** How often the server ended by itself since the supervisor started. */
  readonly deaths: number;
}

/** Reads the record; undefined when there is none, or none that can be understood. */
export function readRun({ run }: Pick<LocalService, "run">): RunRecord | undefined {
  const record = (readRecord(run) ?? {}) as Partial<RunRecord> & { readonly region?: string };
  // The version before wrote a region beside the ports, and no ports of PostgreSQL.
  const { supervisor, ports, region, settings = region === undefined ? {} : { region } } = record;
  const isWhole = isMark(supervisor) && Object.values(ports ?? {}).every(Number.isInteger);
  return isWhole ? ({ ...record, ports: ports ?? {}, settings } as RunRecord) : undefined;
}

/** Replaces the record. */
export function writeRun({ run }: Pick<LocalService, "run">, record: RunRecord): void {
  writePrivate(run, JSON.stringify(record));
}

/** Removes the record; nothing happens when there is none. */
export function forgetRun({ run }: Pick<LocalService, "run">): void {
  rmSync(run, { force: true });
}

/** The recorded processes that live. Others are left alone, whatever pid the record names. */
export function liveProcesses(record: RunRecord | undefined): ProcessMark[] {
  return [record?.supervisor, record?.server].filter(
    (mark): mark is ProcessMark => mark !== undefined && isAlive(mark),
  );
}
