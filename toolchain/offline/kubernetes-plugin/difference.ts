import { isDeepStrictEqual } from "node:util";
import { replacing } from "./kinds.ts";
import { isAutonamed, isRecord, type KubernetesObject } from "./object.ts";
import { REPLACE_UNREADY } from "./ready.ts";

export type Change = "add" | "delete" | "update";

export interface Difference {
  /** Path in Pulumi's notation -> what happens there. */
  readonly changes: ReadonlyMap<string, { readonly change: Change; readonly replaces: boolean }>;
  /** A new object can't be made beside the old one, because it has the same name. */
  readonly deleteFirst: boolean;
}

/**
 * What an update would change.
 * @param live the last seen object, cut down to what the old inputs speak of
 * @param unready whether it has to be made again, whatever changes: it never becomes ready
 */
export function difference(live: KubernetesObject, news: KubernetesObject, unready = false): Difference {
  const found = new Map<string, Change>();
  compare([], live, news, found);
  if (unready) found.set(ASKS_ANEW, found.get(ASKS_ANEW) ?? "update");
  const fields = [...replacing(news.kind), ...(unready ? [ASKS_ANEW] : [])];
  const changes = new Map(
    [...found].map(([path, change]) => [path, { change, replaces: fields.some((field) => isAtOrBelow(path, field)) }]),
  );
  const replaces = [...changes.values()].some((each) => each.replaces);
  const sameName = news.metadata.name === live.metadata.name && news.metadata.namespace === live.metadata.namespace;
  return { changes, deleteFirst: replaces && sameName && !isAutonamed(news.metadata) };
}

/** What the official plugin names as the reason. */
const ASKS_ANEW = text(["metadata", "annotations", REPLACE_UNREADY]);

function compare(
  path: readonly (string | number)[],
  before: unknown,
  after: unknown,
  found: Map<string, Change>,
): void {
  if (isDeepStrictEqual(before, after) || (before === undefined && isEmpty(after))) return;
  if (before === undefined) found.set(text(path), "add");
  else if (after === undefined) found.set(text(path), "delete");
  else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      compare([...path, index], before[index], after[index], found);
    }
  } else if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare([...path, key], before[key], after[key], found);
    }
  } else if (!(isQuantity(path) && sameQuantity(before, after))) found.set(text(path), "update");
}

/** The server leaves out what is empty. */
function isEmpty(value: unknown): boolean {
  return (Array.isArray(value) && value.length === 0) || (isRecord(value) && Object.keys(value).length === 0);
}

/** Elsewhere, in a variable of a container for example, other text is another value. */
function isQuantity(path: readonly (string | number)[]): boolean {
  return path.some((step) => QUANTITIES.has(String(step)));
}

const QUANTITIES: ReadonlySet<string> = new Set(["resources", "limits", "requests", "capacity"]);

/** `1000m` of processor is `1`, and that is how the server may answer it. */
function sameQuantity(before: unknown, after: unknown): boolean {
  const [a, b] = [quantity(before), quantity(after)];
  return a !== undefined && a === b;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function quantity(value: unknown): number | undefined {
  const [, digits, suffix = ""] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(String(value)) ?? [];
  const factor = SUFFIXES[suffix];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

function text(path: readonly (string | number)[]): string {
  return path.reduce<string>((before, step) => {
    if (typeof step === "number") return `${before}[${step}]`;
    if (/[."[\]]/.test(step)) return `${before}[${JSON.stringify(step)}]`;
    return before === "" ? step : `${before}.${step}`;
  }, "");
}

function isAtOrBelow(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`);
}
