import { nearest } from "../values/nearest.ts";
import { formOf, hasForm } from "./placeholders.ts";

/** Names of a template's placeholders, known to the compiler where the template is. */
export type Placeholder<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

/** Values by placeholder: exactly a literal template's own, any for a template read from a spec. */
export type PathValues<T extends string = string> = string extends T
  ? Readonly<Record<string, string>>
  : Readonly<Record<Placeholder<T>, string>>;

/** What is wrong, what is right, what to do; messages of one call read as a list. */
export interface PathFault {
  readonly kind: "missing" | "unknown" | "malformed" | "mismatch";
  /** Null where the fault is no single placeholder's. */
  readonly placeholder: string | null;
  readonly message: string;
  readonly fix: string;
}

export type PathFaults = { readonly ok: false; readonly faults: readonly PathFault[] };
export type BuiltKey = { readonly ok: true; readonly key: string } | PathFaults;

export interface ParsedKey<T extends string = string> {
  readonly ok: true;
  readonly values: PathValues<T>;
  /** What stands behind a template that ends in a slash: the object's own name; "" where nothing does. */
  readonly rest: string;
}

const PLACEHOLDER = /\{([a-z][a-z0-9_]*)\}/g;

/** Placeholders of a template, each once, in their order. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map(([, name]) => name ?? ""))];
}

/** The key, or for a template that ends in a slash the prefix, that a template and its values make. */
export function buildKey<T extends string>(template: T, values: PathValues<T>): BuiltKey {
  const given: Readonly<Record<string, string>> = values;
  const wanted = placeholdersOf(template);
  const faults = [
    ...wanted.filter((name) => !Object.hasOwn(given, name)).map((name) => missing(name)),
    ...Object.keys(given).flatMap((name) => (wanted.includes(name) ? [] : [unknown(name, wanted, given)])),
    ...malformed(wanted, given),
  ];
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, key: template.replaceAll(PLACEHOLDER, (_, name: string) => given[name] ?? "") };
}

/** The values a key was built from. Placeholders that touch one another can be told apart by their forms alone. */
export function parseKey<T extends string>(template: T, key: string): ParsedKey<T> | PathFaults {
  const wanted = placeholdersOf(template);
  const match =
    expression(template, (name) => formOf(name).pattern).exec(key) ?? expression(template, () => "[^/]+?").exec(key);
  if (match === null) return { ok: false, faults: [mismatch(template, key)] };
  const values = Object.fromEntries(wanted.map((name) => [name, match.groups?.[name] ?? ""]));
  const faults = malformed(wanted, values);
  if (faults.length > 0) return { ok: false, faults };
  // the names are those of the template, whatever its type
  return { ok: true, values: values as PathValues<T>, rest: match.groups?.[REST] ?? "" };
}

const REST = "REST";

/** A placeholder that stands twice has one value. */
function expression(template: string, pattern: (placeholder: string) => string): RegExp {
  const seen = new Set<string>();
  const parts = template.split(PLACEHOLDER).map((part, index) => {
    if (index % 2 === 0) return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    if (seen.has(part)) return `\\k<${part}>`;
    seen.add(part);
    return `(?<${part}>${pattern(part)})`;
  });
  return new RegExp(`^${parts.join("")}${template.endsWith("/") ? `(?<${REST}>.*)` : ""}$`, "s");
}

function missing(placeholder: string): PathFault {
  const { example, says } = formOf(placeholder);
  return {
    kind: "missing",
    placeholder,
    message: `${placeholder} is missing`,
    fix: `give ${says}, such as ${example}`,
  };
}

function unknown(placeholder: string, wanted: readonly string[], given: PathValues): PathFault {
  const near = nearest(
    placeholder,
    wanted.filter((name) => !Object.hasOwn(given, name)),
  );
  const message = `${placeholder} is no placeholder of this path, ${wanted.length === 0 ? "it has none" : `there are ${wanted.join(", ")}`}`;
  return { kind: "unknown", placeholder, message, fix: near === null ? "leave it out" : `did you mean ${near}?` };
}

function malformed(wanted: readonly string[], given: PathValues): PathFault[] {
  return wanted.flatMap((name): PathFault[] => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (value === undefined || hasForm(name, value)) return [];
    const { says, example } = formOf(name);
    const message = `${name} must be ${says}, got ${JSON.stringify(value)}`;
    return [{ kind: "malformed", placeholder: name, message, fix: `write for example ${example}` }];
  });
}

/** Names the first segment that differs. */
function mismatch(template: string, key: string): PathFault {
  const [there, here] = [template.split("/"), key.split("/")];
  const at = there.findIndex((part, index) => !expression(part, () => "[^/]+?").test(here[index] ?? "/"));
  const fault = { kind: "mismatch", placeholder: null, fix: `write it as ${template}` } as const;
  if (at === -1 && here.length > there.length) return { ...fault, message: `goes on behind ${template}, a whole key` };
  if (at === -1) return { ...fault, message: `gives one placeholder of ${template} two values` };
  const found = here[at] === undefined ? "the key has ended" : `the key has ${JSON.stringify(here[at])}`;
  const wanted = there[at] === "" ? "a slash ends" : `${JSON.stringify(there[at])} stands in`;
  return { ...fault, message: `segment ${at + 1}: where ${wanted} the template, ${found}` };
}
