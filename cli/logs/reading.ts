import { type Positions, readAdded } from "./positions.ts";
import type { LogSource } from "./sources.ts";

/** What was read of one log. */
export interface SourceRead {
  readonly source: LogSource;
  readonly lines: readonly string[];
  readonly left: number;
  /** Lines that were added to it may be lost. */
  readonly isGap: boolean;
  /** Why it can't be read; undefined where it can. */
  readonly fault: string | undefined;
}

/**
 * What was added to logs. One that can't be read keeps no other waiting: it is where it was the next time.
 * @param most bytes of lines, about: logs that come later are left for the next time
 */
export function readSources(
  sources: readonly LogSource[],
  positions: Positions,
  most = Number.POSITIVE_INFINITY,
): { readonly reads: readonly SourceRead[]; readonly positions: Positions } {
  const reads: SourceRead[] = [];
  const after: Record<string, Positions[string]> = {};
  let bytes = 0;
  for (const source of sources) {
    const before = positions[source.path] ?? [];
    after[source.path] = before;
    const none = { source, lines: [], left: 0, isGap: false, fault: undefined };
    if (bytes >= most) {
      reads.push({ ...none, left: 1 });
      continue;
    }
    try {
      const { positions: now, ...read } = readAdded(source.path, before);
      after[source.path] = now;
      reads.push({ ...none, ...read });
      bytes += read.lines.reduce((sum, line) => sum + line.length, 0);
    } catch (error) {
      reads.push({ ...none, fault: error instanceof Error ? error.message : String(error) });
    }
  }
  return { reads, positions: after };
}
