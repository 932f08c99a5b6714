import { rmSync } from "node:fs";
import type { Checkout } from "../checkout.ts";
import { isAlive, isMark, type ProcessMark } from "../ending/processes.ts";
import { readText, writePrivate } from "./private-files.ts";

/** Loopback only: the local server is never offered to the network. */
export const HOST = "127.0.0.1";

/** Ports on loopback: the S3 API and the console. */
export interface Ports {
  readonly api: number;
  readonly console: number;
}

/** What the supervisor last wrote about itself. It may be stale: trust it only through `isAlive`. */
export interface RunRecord {
  readonly supervisor: ProcessMark;
  /** Absent between two starts of the server. */
  readonly server?: ProcessMark;
  readonly ports: Ports;
  /** The region it was started with; absent is MinIO's default. */
  readonly region?: string;
  /** How often the server ended by itself since the supervisor started. */
  readonly deaths: number;
}

/** Reads the record; undefined when there is none, or none that can be understood. */
export function readRun(checkout: Checkout): RunRecord | undefined {
  try {
    const record = JSON.parse(readText(checkout.minio.run) ?? "null");
    const ports = [record?.ports?.api, record?.ports?.console];
    return isMark(record?.supervisor) && ports.every(Number.isInteger) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the record. */
export function writeRun(checkout: Checkout, record: RunRecord): void {
  writePrivate(checkout.minio.run, JSON.stringify(record));
}

/** Removes the record; nothing happens when there is none. */
export function forgetRun(checkout: Checkout): void {
  rmSync(checkout.minio.run, { force: true });
}

/** The recorded processes that live. Others are left alone, whatever pid the record names. */
export function liveProcesses(record: RunRecord | undefined): ProcessMark[] {
  return [record?.supervisor, record?.server].filter(
    (mark): mark is ProcessMark => mark !== undefined && isAlive(mark),
  );
}
