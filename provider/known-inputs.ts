import { z } from "zod";
import type { Properties } from "./property-bags.ts";

/** Why the engine refuses an input, shown at a property. */
export interface Failure {
  /** Top-level property the engine shows the reason at. */
  readonly property: string;
  readonly reason: string;
}

/** What a resource's check answers. */
export type Checked = { readonly inputs: object; readonly failures: readonly Failure[] };

/** Inputs that a preview knows, parsed, and its marks of the others; or why they are refused. */
type Known<T> = { readonly data: Partial<T>; readonly unknown: object } | { readonly failures: readonly Failure[] };

/** Parses what is known of a resource's inputs: of a preview some may not be, and a null is none. */
export function knownInputs<T extends z.ZodObject>(schema: T, { values, unknowns }: Properties): Known<z.output<T>> {
  const known = Object.entries(values).filter(([key, value]) => !unknowns.has(key) && value !== null);
  const missing = Object.fromEntries([...unknowns].filter((key) => key in schema.shape).map((key) => [key, true]));
  const parsed = schema.partial(missing as never).safeParse(Object.fromEntries(known));
  if (parsed.success) {
    const unknown = Object.fromEntries([...unknowns].map((key) => [key, values[key]]));
    return { data: parsed.data as Partial<z.output<T>>, unknown };
  }
  const failures = parsed.error.issues.map(({ path, message }) => ({
    property: z.core.toDotPath(path),
    reason: message,
  }));
  return { failures };
}
