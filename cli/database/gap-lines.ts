import type { Gap } from "../../database/backup/segments.ts";
import { counted } from "../terminal/print.ts";

/** What the archive lacks, and what that means. */
export function gapLines(gaps: readonly Gap[]): string[] {
  if (gaps.length === 0) return [];
  const names = gaps.map(({ first, last }) => (first === last ? first : `${first} to ${last}`));
  const count = gaps.reduce((sum, each) => sum + each.count, 0);
  return [
    `the archived log lacks ${counted(count, "segment")}: ${names.join(", ")}; a moment behind a gap is restored from a base backup behind it alone: bucketworks database backup`,
  ];
}
