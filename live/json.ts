/** A JSON object; undefined for any other text. */
export function jsonIn(text: string): Record<string, unknown> | undefined {
  const value = parsed(text);
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A JSON list, which MinIO writes as `null` where it is empty; undefined for any other text. */
export function listIn(text: string): unknown[] | undefined {
  const value = parsed(text);
  return value === null ? [] : Array.isArray(value) ? value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
