/** The known word a writer most likely meant, or null where none is near. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const wanted = plain(word);
  let best: { name: string; distance: number } | null = null;
  for (const name of [...known].sort()) {
    const candidate = plain(name);
    const starts = wanted.length >= 4 && (candidate.startsWith(wanted) || wanted.startsWith(candidate));
    const edits = editDistance(wanted, candidate);
    const distance = starts ? Math.min(1, edits) : edits;
    if (
      distance <= Math.max(1, Math.floor(wanted.length / 3)) &&
      distance < (best?.distance ?? Number.POSITIVE_INFINITY)
    ) {
      best = { name, distance };
    }
  }
  return best?.name ?? null;
}

/** `retentionDays`, `retention-days` and `retention_days` are the same word. */
export function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Letters left out, added, replaced or swapped with their neighbour; words beyond 64 characters are cut, no key is that long. */
function editDistance(a: string, b: string): number {
  const [from, to] = [a.slice(0, 64), b.slice(0, 64)];
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[to.length] ?? 0;
}

const SHORTEST_SLIP = 6;

/** True for two words that differ by one slip: a separator, or one letter in a word of six and more. */
export function isSlip(word: string, other: string): boolean {
  if (word === other) return false;
  const [a, b] = [plain(word), plain(other)];
  if (a === b) return true;
  if (Math.min(a.length, b.length) < SHORTEST_SLIP || digits(a) !== digits(b)) return false;
  return editDistance(a, b) === 1;
}

/** As `isSlip`, for names of parts: the part that differs has three letters and more, `a-data` and `b-data` are two names. */
export function isNameSlip(word: string, other: string): boolean {
  if (word === other || !isSlip(word, other)) return false;
  if (plain(word) === plain(other)) return true;
  const [parts, others] = [word.split(/[-_.]/), other.split(/[-_.]/)];
  if (parts.length !== others.length) return true;
  return parts.every((part, index) => part === others[index] || Math.min(part.length, others[index]?.length ?? 0) >= 3);
}

/** `stage1` and `stage2` are two names. */
function digits(word: string): string {
  return word.replaceAll(/[^0-9]/g, "");
}
