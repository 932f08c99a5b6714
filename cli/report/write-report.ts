import { accessSync, constants, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../../report/schema.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readWhole, writePrivate } from "../local/private-files.ts";
import { fromHere } from "../terminal/path-from-here.ts";
import { tell } from "../terminal/print.ts";
import { reportFiles } from "./files.ts";

const JSON_FILE = "report.json";

/**
 * Makes the folder of a report, and looks whether one can be written there: before the server is looked at, which may take
 * long.
 * @throws CommandError where a file of that name is no report: it isn't ours to replace
 */
export function prepareReportFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  accessSync(folder, constants.W_OK | constants.X_OK);
  versionOf(join(folder, JSON_FILE));
}

/**
 * Writes report.json and report.html, each whole or not at all, readable by its owner alone: they say who may do what, and
 * what is open. A report of another version that is there already is set aside.
 * @returns the files
 */
export async function writeReport(folder: string, report: Report): Promise<string[]> {
  const files = await reportFiles(report);
  prepareReportFolder(folder);
  const version = versionOf(join(folder, JSON_FILE));
  const isOther = version !== undefined && version !== report.schemaVersion;
  return files.map(({ begin, extension, text }) => {
    const path = join(folder, `${begin}.${extension}`);
    if (isOther && readWhole(path) !== undefined) setAside(path, version, report);
    writePrivate(path, text);
    return fromHere(path);
  });
}

function setAside(path: string, version: number, { generated_at: at }: Report): void {
  const aside = path.replace(/\.(\w+)$/, `.version-${version}.${at.replaceAll(/[^0-9TZ]/g, "")}.$1`);
  renameSync(path, aside);
  tell(`report: ${fromHere(path)} was of version ${version}; it is ${fromHere(aside)} now`);
}

/** Of the report that is there; undefined where none is. */
function versionOf(path: string): number | undefined {
  const text = readWhole(path);
  if (text === undefined) return undefined;
  const version = schemaVersionIn(text);
  if (version !== undefined) return version;
  const message = `${fromHere(path)} is there and is no report of bucketworks: it has no schemaVersion and score; move it away, or name another folder`;
  throw new CommandError(message, EXIT.wrongUse);
}

function schemaVersionIn(text: string): number | undefined {
  try {
    const { schemaVersion, overall_health_score: score } = JSON.parse(text) as Record<string, unknown>;
    return Number.isInteger(schemaVersion) && score !== undefined ? (schemaVersion as number) : undefined;
  } catch {
    return undefined;
  }
}
