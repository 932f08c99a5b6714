import type { LineCounter } from "yaml";
import { z } from "zod";
import { parseSpec } from "../config/document/load.ts";
import { formatPath, type Node, type Path, placeOf } from "../config/document/source-tree.ts";
import { formatIssue } from "../config/issues.ts";
import { isDate } from "../config/paths/calendar.ts";
import { nearest } from "../config/values/nearest.ts";
import { finding } from "./compare/findings.ts";
import { byRisk, type Finding, SUBJECTS } from "./finding.ts";
import { limitFaults } from "./ignore-limits.ts";

const IGNORABLE = SUBJECTS.filter((kind) => kind !== "ignore entry");

const entry = z.strictObject({
  kind: z.enum(IGNORABLE),
  name: z.string().min(1),
  owner: z.string().min(1),
  reason: z.string().min(1),
  expires: z.string().refine((text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDate(text.replaceAll("-", ""))),
});
const file = z.strictObject({ ignore: z.array(entry) });

/** Findings of a subject that somebody answers for until a day. */
export type IgnoreEntry = z.infer<typeof entry> & {
  /** `file:line:column` of the entry. */
  readonly place: string;
};

export type IgnoreFile =
  | { readonly ok: true; readonly entries: readonly IgnoreEntry[] }
  | { readonly ok: false; readonly lines: readonly string[] };

/**
 * @param name as messages shall name the file
 * @param today `YYYY-MM-DD` in UTC; no entry may end long after it
 */
export function parseIgnoreFile(name: string, text: string, today: string): IgnoreFile {
  const { document, issues } = parseSpec(name, text);
  if (document === null || issues.length > 0) return { ok: false, lines: issues.map(formatIssue) };
  const { root, lines } = document;
  const parsed = file.safeParse(plain(root));
  if (!parsed.success) {
    const faults = parsed.error.issues.flatMap((issue) =>
      shapeFaults(issue, root, (path) => at(path, { name, root, lines })),
    );
    return { ok: false, lines: faults };
  }
  const limits = parsed.data.ignore.flatMap((each, index) =>
    limitFaults(each, today).map(({ key, message }) => {
      const path = ["ignore", index, key];
      return `${at(path, { name, root, lines })} ${formatPath(path)}: ${message}`;
    }),
  );
  if (limits.length > 0) return { ok: false, lines: limits };
  const places = parsed.data.ignore.map((each, index) => ({
    ...each,
    place: at(["ignore", index], { name, root, lines }),
  }));
  return { ok: true, entries: places };
}

export interface Ignored {
  readonly findings: readonly Finding[];
  /** Findings left out. */
  readonly ignored: number;
  /** Entries that no finding needed, with their places. */
  readonly unused: readonly IgnoreEntry[];
}

/**
 * Leaves out what the entries name; what is critical only where one names it exactly. An entry past its day leaves
 * nothing out and is a finding of its own.
 * @param today `YYYY-MM-DD`; an entry holds to the end of its day, UTC
 */
export function applyIgnores(found: readonly Finding[], entries: readonly IgnoreEntry[], today: string): Ignored {
  const valid = entries.filter(({ expires }) => expires >= today);
  const left = found.filter((one) => !valid.some((each) => covers(each, one)));
  const unused = valid.filter((each) => !found.some((one) => covers(each, one)));
  const expired = entries.filter(({ expires }) => expires < today).map(expiredEntry);
  return { findings: [...left, ...expired].sort(byRisk), ignored: found.length - left.length, unused };
}

function covers({ kind, name }: IgnoreEntry, { subject, severity }: Finding): boolean {
  if (kind !== subject.kind) return false;
  if (subject.name === name) return true;
  return name.endsWith("*") && severity !== "critical" && subject.name.startsWith(name.slice(0, -1));
}

function expiredEntry({ kind, name, owner, expires, place }: IgnoreEntry): Finding {
  const message = `${place}: the entry for ${kind} ${name} expired ${expires}; ask ${owner}, then renew or remove it`;
  const of = { severity: "medium", platform: null, path: "expires", actual: expires, message } as const;
  return finding("changed", { kind: "ignore entry", name: `${kind} ${name}` }, of);
}

function shapeFaults(issue: z.core.$ZodIssue, root: Node, place: (path: Path, onKey?: boolean) => string): string[] {
  const path = issue.path as Path;
  if (issue.code === "unrecognized_keys") {
    const known = path.length === 0 ? Object.keys(file.shape) : Object.keys(entry.shape);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const fix = near === null ? "remove it" : `did you mean ${near}?`;
      return `${place([...path, key])} ${formatPath([...path, key])}: unknown key, allowed are ${known.join(", ")}; ${fix}`;
    });
  }
  const key = String(path.at(-1) ?? "");
  const value = valueAt(root, path);
  const allowed = ALLOWED[key] ?? "a list of entries under ignore";
  if (value === undefined) return [`${place(path)} ${formatPath(path)}: is missing; add ${key}: ${allowed}`];
  const words = typeof path.at(-1) === "number" ? `a map with ${Object.keys(entry.shape).join(", ")}` : allowed;
  return [`${place(path)} ${formatPath(path) || "the file"}: must be ${words}, got ${JSON.stringify(value)}`];
}

const ALLOWED: Readonly<Record<string, string>> = {
  ignore: "a list of entries",
  kind: `one of ${IGNORABLE.join(", ")}`,
  name: "a name as scan shows it, exact or with * at its end",
  owner: "who answers for it, as text",
  reason: "why it is there, as text",
  expires: "a day as text in quotes or not, YYYY-MM-DD",
};

function valueAt(root: Node, path: Path): unknown {
  let value = plain(root);
  for (const step of path) value = (value as Record<string | number, unknown> | undefined)?.[step];
  return value;
}

function at(path: Path, { name, root, lines }: { name: string; root: Node; lines: LineCounter }): string {
  const { line, col } = lines.linePos(placeOf(root, path, true).offset);
  return `${name}:${line}:${col}`;
}

function plain(node: Node): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(plain);
    case "map":
      return Object.fromEntries([...node.entries].map(([key, { node: value }]) => [key, plain(value)]));
    case "faulty":
      return undefined;
  }
}
