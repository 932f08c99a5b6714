/**
 * Who reaches whom. None of these has a way out of the machine, or in: who has a published port, or speaks with other machines,
 * has a network of its own for that. Two of them in one would find each other there instead.
 */
const INSIDE = ["storage", "database", "monitoring", "models"] as const;

export type Network = (typeof INSIDE)[number];

/** A service's way out of the machine, and in. */
export function outsideOf(service: string): string {
  return `outside_${service}`;
}

/** The element `networks`, of what services name. */
export function declaredNetworks(named: readonly string[]): Record<string, { readonly internal: boolean }> {
  const isInside = (name: string): boolean => INSIDE.some((each) => each === name);
  return Object.fromEntries([...new Set(named)].sort().map((name) => [name, { internal: isInside(name) }]));
}
