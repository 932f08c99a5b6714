import { accessSync, constants, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { plainJson } from "../../config/text/json.ts";
import type { Report } from "../../report/schema.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { readWhole, writePrivate } from "../local/private-files.ts";
import { fromHere } from "../terminal/path-from-here.ts";
import { tell } from "../terminal/print.ts";

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
 * Writes a report, whole or not at all, readable by its owner alone: it says who may do what, and what is open. One of
 * another version that is there already is set aside.
 * @returns the files
 */
export function writeReport(folder: string, report: Report): string[] {
  prepareReportFolder(folder);
  const path = join(folder, JSON_FILE);
  const version = versionOf(path);
  if (version !== undefined && version !== report.schemaVersion) {
    const aside = join(folder, `report.version-${version}.${report.generated_at.replaceAll(/[^0-9TZ]/g, "")}.json`);
    renameSync(path, aside);
    tell(`report: ${fromHere(path)} was of version ${version}, set aside as ${fromHere(aside)}`);
  }
  writePrivate(path, plainJson(report));
  return [fromHere(path)];
}

/** Of the report that is there; undefined where none is. */
function versionOf(path: string): number | undefined {
  const text = readWhole(path);
  if (text === undefined) return undefined;
  const version = schemaVersionIn(text);
  if (version !== undefined) return version;
  const place = fromHere(path);
  throw new CommandError(
    `${place} is there and is no report of bucketworks: it has no schemaVersion; move it away, or name another folder`,
    EXIT.wrongUse,
  );
}

function schemaVersionIn(text: string): number | undefined {
  try {
    const { schemaVersion, overall_health_score: score } = JSON.parse(text) as Record<string, unknown>;
    return Number.isInteger(schemaVersion) && score !== undefined ? (schemaVersion as number) : undefined;
  } catch {
    return undefined;
  }
}
