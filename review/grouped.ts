/** Items in groups of the same key, in order of first appearance; no group is empty. */
export function grouped<T>(items: readonly T[], key: (item: T) => string): [first: T, ...others: T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
