import { InvalidArgumentError } from "commander";
import { secondsIn } from "../../config/values/duration.ts";

/** Reads `90s`, `5m`, `1h` of an option as seconds. @throws InvalidArgumentError for any other text */
export function durationOption(text: string): number {
  const seconds = secondsIn(text);
  if (seconds === null) throw new InvalidArgumentError("must be a whole number with s, m or h, like 5m.");
  return seconds;
}
