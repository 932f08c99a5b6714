import type { LifecycleRule, PolicyDocument } from "../provider/bucket-types.ts";

/*
 * What a document means, whatever its form: the order of statements, actions and keys, a single value instead of a list,
 * and what is empty make no difference. The provider decides by a form of its own what it writes
 * (provider/canonical.ts): a mistake there doesn't hide itself here. test/live/canonical.test.ts holds the two together.
 */

/** MinIO keeps actions, resources, principals and condition values as sets and sends them back as lists. */
export function canonicalPolicy({ Version, Statement }: PolicyDocument): PolicyDocument {
  return { Version, Statement: sortedBy(JSON.stringify, Statement.map(canonicalStatement)) };
}

/** A condition that limits nothing is none. */
export function canonicalRule({ Filter, ...rule }: LifecycleRule): LifecycleRule {
  const isLimit = (limit: unknown): boolean => typeof limit === "number" || Object.keys(Object(limit)).length > 0;
  const limits = Object.entries(Filter).filter(([, limit]) => isLimit(limit));
  return { ...rule, Filter: Object.fromEntries(limits) };
}

const FORMS: Readonly<Record<string, (value: unknown) => unknown>> = {
  Action: asSet,
  NotAction: asSet,
  Resource: asSet,
  NotResource: asSet,
  Principal: principal,
  NotPrincipal: principal,
  Condition: (tests) => withEach(tests, (keys) => withEach(keys, (values) => asSet(values).map(String))),
};

function canonicalStatement(statement: Record<string, unknown>): Record<string, unknown> {
  const said = Object.entries(statement).filter(
    ([key, value]) => value !== undefined && !(key === "Sid" && value === ""),
  );
  const formed = said.map(([key, value]) => [key, FORMS[key]?.(value) ?? value] as const);
  return Object.fromEntries(sortedBy(([key]) => key, formed));
}

function principal(value: unknown): unknown {
  return value === "*" ? { AWS: ["*"] } : withEach(value, asSet);
}

function asSet(value: unknown): unknown[] {
  return sortedBy(String, [...new Set([value].flat())]);
}

/** A record with each value formed, its keys sorted; any other value as it is. */
function withEach(value: unknown, form: (value: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const formed = Object.entries(value).map(([key, each]) => [key, form(each)] as const);
  return Object.fromEntries(sortedBy(([key]) => key, formed));
}

function sortedBy<T>(text: (value: T) => string, values: readonly T[]): T[] {
  return values.toSorted((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
}
