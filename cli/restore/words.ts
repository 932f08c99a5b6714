import type { Tally } from "../../backup/restore/steps.ts";
import { readableBytes } from "../../config/values/readable-bytes.ts";
import { counted } from "../terminal/print.ts";

type Counts = Pick<Tally, "written" | "replaced" | "unchanged" | "removed" | "lost">;

/** `12 objects to write (3.4 MiB), 2 to get a newer version (10 bytes), ...`: what there is nothing of is left out. */
export function planWords(tally: Counts): string {
  return words(tally, {
    written: "to write",
    replaced: "to get another version on top",
    removed: "to get a delete marker",
    unchanged: "there already as they were",
    lost: "that can't be restored",
  });
}

/** As `planWords`, of what was done. */
export function doneWords(tally: Counts): string {
  return words(tally, {
    written: "written",
    replaced: "given another version on top",
    removed: "given a delete marker",
    unchanged: "there already as they were",
    lost: "that couldn't be restored",
  });
}

function words(tally: Counts, of: Readonly<Record<keyof Counts, string>>): string {
  const parts = (Object.keys(of) as (keyof Counts)[]).flatMap((outcome) => {
    const { objects, bytes } = tally[outcome];
    return objects === 0 ? [] : [`${counted(objects, "object")} ${of[outcome]} (${readableBytes(bytes)})`];
  });
  return parts.length === 0 ? "nothing to do" : parts.join(", ");
}

/** A line each: the first few objects of some outcomes. */
export function exampleLines({ examples }: Pick<Tally, "examples">, outcomes: readonly string[]): string[] {
  return examples
    .filter(({ outcome }) => outcomes.includes(outcome))
    .map(({ key, reason }) => `  ${JSON.stringify(key)}${reason === undefined ? "" : `: ${reason}`}`);
}
