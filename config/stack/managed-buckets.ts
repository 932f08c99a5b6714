/** `managed-buckets.json`, in which a local stack remembers the buckets that it made; read by commands and the program. */
export interface ManagedBuckets {
  readonly buckets: readonly string[];
  /** When the server made each, ISO 8601; absent for one that nobody asked about. */
  readonly made: Readonly<Record<string, string>>;
}

const CURE =
  "put it back from a copy, or remove it: a bucket that make destroy left on the server then needs adopt: true";

/**
 * Reads the text of the file; pure. One that is cut off, empty or of another shape is never an empty list: its buckets
 * would be taken for somebody else's.
 * @param place the file, for people
 * @throws SyntaxError with one sentence: place, what is wrong, what to do
 */
export function parseManaged(text: string, place: string): ManagedBuckets {
  const refused = (why: string, cause?: unknown) =>
    new SyntaxError(`${place}: is garbled or cut short, ${why}; ${CURE}`, { cause });
  if (text.trim() === "") throw refused("empty");
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw refused("not JSON", error);
  }
  if (!isRecord(found)) throw refused("not an object with a list of buckets");
  const { buckets, made = {} } = found;
  if (!Array.isArray(buckets) || !buckets.every(isName)) throw refused("its buckets are no list of names");
  if (!isRecord(made) || !Object.values(made).every(isTime)) throw refused("its times (made) are no times by bucket");
  const unknown = Object.keys(made).find((name) => !buckets.includes(name));
  if (unknown !== undefined)
    throw refused(`it has a time for ${JSON.stringify(unknown)}, which is none of its buckets`);
  return { buckets, made: made as Record<string, string> };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}
