const LETTERS: Readonly<Record<string, string>> = { list: "L", read: "R", write: "W", delete: "D", inspect: "I" };

/** Actions as people read them: from what does least. */
export function inOrder(actions: Iterable<string>): string[] {
  const places = Object.keys(LETTERS);
  const rank = (action: string): number => (places.indexOf(action) + places.length + 1) % (places.length + 1);
  return [...new Set(actions)].toSorted((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en"));
}

/** What stands for an action where there is little room; one that isn't known here is written out. */
export function letterOf(action: string): string {
  return Object.hasOwn(LETTERS, action) ? (LETTERS[action] ?? action) : action;
}
