import { InvalidArgumentError } from "commander";
import { type ReportPlace, reportPlace } from "../../verify/report-store.ts";

/** Commander's parser for `--store`. */
export function placeOption(text: string): ReportPlace {
  const read = reportPlace(text);
  if (typeof read === "string") throw new InvalidArgumentError(`${read}.`);
  return read;
}
