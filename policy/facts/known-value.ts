/** Reads a value to its last leaf, so that an unknown one anywhere in it is met. */
export function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

export function text(value: unknown): string {
  return String(value ?? "");
}
