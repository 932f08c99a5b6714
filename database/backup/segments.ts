import type { BaseBackup } from "./catalog.ts";
import type { Timelines } from "./timelines.ts";

/** Segments of the log that an archive lacks: from the first to the last one, by their names. */
export interface Gap {
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

/** Bytes of a segment, which initdb fixes: ours and CloudNativePG's servers have PostgreSQL's own default. */
const SEGMENT_BYTES = 16n * 1024n * 1024n;
const SEGMENTS_IN_FILE = 256n;

interface Segment {
  readonly timeline: number;
  /** Its place in the log, from 0. */
  readonly number: bigint;
}

/** The segment of a file in an archive, compressed or not; null for a history, a part of a segment and what else lies there. */
function segmentOf(name: string): Segment | null {
  const [, timeline, file, within] =
    /^([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(?:\.(?!partial|backup|\d)\w+)?$/.exec(name) ?? [];
  if (timeline === undefined || file === undefined || within === undefined) return null;
  return {
    timeline: Number.parseInt(timeline, 16),
    number: BigInt(`0x${file}`) * SEGMENTS_IN_FILE + BigInt(`0x${within}`),
  };
}

/**
 * What an archive lacks of the log from a base backup to the newest segment it has, along the timelines that lead to the newest: a
 * restore reaches no moment behind a gap.
 * @param names files of the archive, as segments are named in it
 */
export function gapsAfter(
  { timeline, firstSegment }: Pick<BaseBackup, "timeline" | "firstSegment">,
  names: Iterable<string>,
  { latest, left }: Timelines,
): Gap[] {
  const there = new Map<number, Set<bigint>>();
  for (const name of names) {
    const found = segmentOf(name);
    if (found === null) continue;
    const numbers = there.get(found.timeline) ?? new Set();
    there.set(found.timeline, numbers.add(found.number));
  }
  const way = [...left.keys(), latest].filter((each) => each >= timeline).sort((a, b) => a - b);
  const gaps: Gap[] = [];
  let next = segmentOf(firstSegment)?.number ?? 0n;
  for (const each of way) {
    const numbers = there.get(each) ?? new Set<bigint>();
    // The segment in which a branch was left is whole on the next one, which begins with a copy of it.
    const leftAt = left.get(each);
    const end = leftAt === undefined ? newest(numbers, next) : leftAt / SEGMENT_BYTES;
    gaps.push(...missing(each, numbers, next, end));
    next = end;
  }
  return gaps;
}

/** The number behind the newest segment. */
function newest(numbers: ReadonlySet<bigint>, least: bigint): bigint {
  let end = least;
  for (const number of numbers) if (number >= end) end = number + 1n;
  return end;
}

function missing(timeline: number, numbers: ReadonlySet<bigint>, from: bigint, end: bigint): Gap[] {
  const gaps: Gap[] = [];
  for (let number = from; number < end; number++) {
    if (numbers.has(number)) continue;
    const first = number;
    while (number + 1n < end && !numbers.has(number + 1n)) number++;
    gaps.push({
      first: segmentName(timeline, first),
      last: segmentName(timeline, number),
      count: Number(number - first) + 1,
    });
  }
  return gaps;
}

function segmentName(timeline: number, number: bigint): string {
  const hex = (value: bigint): string => value.toString(16).toUpperCase().padStart(8, "0");
  return hex(BigInt(timeline)) + hex(number / SEGMENTS_IN_FILE) + hex(number % SEGMENTS_IN_FILE);
}
