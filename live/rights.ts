import type { PolicyDocument } from "../provider/bucket-types.ts";
import { canonicalPolicy } from "./canonical.ts";

/** A part of an element: a pattern, or a text that is like itself alone ("all but some", nothing at all). */
export interface Part {
  /** For people, and for telling parts apart. */
  readonly text: string;
  /** The pattern; undefined where no other part can cover this one, nor be covered by it. */
  readonly pattern?: string;
}

/** One element of a document: whom it is about, what it permits or refuses, where and when. */
export interface Right {
  readonly allow: boolean;
  /** Whom a bucket policy names; `text` is empty in a document of an identity. */
  readonly who: Part;
  /** True where that is everybody who can reach the server. */
  readonly anyone: boolean;
  readonly action: Part;
  readonly resource: Part;
  /** Conditions and whatever else the statement says, as JSON; empty is always. */
  readonly when: string;
}

type Statement = Readonly<Record<string, unknown>>;
type Who = Pick<Right, "who" | "anyone">;

/**
 * What a document permits and refuses, element by element: one principal, action and resource each. MinIO asks each
 * statement by itself, and one matches where each of its parts does, so a document is the sum of its elements, and names
 * and order of statements make no difference.
 * @param document undefined permits and refuses nothing
 * @see https://github.com/minio/pkg/blob/main/policy/statement.go
 */
export function rightsOf(document: PolicyDocument | undefined): Right[] {
  if (document === undefined) return [];
  return canonicalPolicy(document).Statement.flatMap((statement) => {
    const { Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource } = statement;
    const when = limits(statement, document.Version);
    return principals(Principal, NotPrincipal).flatMap((who) =>
      parts(Action, NotAction).flatMap((action) =>
        resourcesOf(action, parts(Resource, NotResource)).map(
          (resource): Right => ({ allow: Effect !== "Deny", ...who, action, resource, when }),
        ),
      ),
    );
  });
}

const ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

function limits(statement: Statement, version: string): string {
  const { Effect, Condition } = statement;
  const others = Object.fromEntries(Object.entries(statement).filter(([key]) => !ELEMENTS.has(key)));
  if (Effect !== "Allow" && Effect !== "Deny") others.Effect = Effect;
  // AWS replaces variables from this version on; MinIO takes no other, but none at all
  if (version !== "2012-10-17" && JSON.stringify(statement).includes("${")) others.Version = version;
  const isConditional = Condition !== undefined && JSON.stringify(Condition) !== "{}";
  if (Object.keys(others).length > 0) return JSON.stringify({ ...others, ...(isConditional && { Condition }) });
  return isConditional ? JSON.stringify(Condition) : "";
}

function principals(principal: unknown, not: unknown): Who[] {
  if (principal === undefined && not === undefined) return [{ who: { text: "" }, anyone: false }];
  if (not !== undefined) {
    return [{ who: { text: JSON.stringify({ NotPrincipal: not, Principal: principal }) }, anyone: true }];
  }
  const kinds = Object.entries(Object(principal)) as [string, unknown[]][];
  const isReadable = kinds.length > 0 && kinds.every(([, names]) => Array.isArray(names) && names.length > 0);
  if (!isReadable) return [{ who: { text: JSON.stringify(principal) }, anyone: false }];
  return kinds.flatMap(([kind, names]) =>
    names.map((name): Who => {
      const text = JSON.stringify({ [kind]: [name] });
      if (kind !== "AWS") return { who: { text }, anyone: false };
      return { who: { text, pattern: String(name) }, anyone: matchesNobody(String(name)) };
    }),
  );
}

/** Who asks without a key has no name for MinIO, whose question mark matches that as well. */
function matchesNobody(pattern: string): boolean {
  return /^(?:\**$|\**\?)/.test(pattern);
}

/** Each action or resource of a statement; one that says "all but" counts as one, an empty list as well. */
function parts(values: unknown, not: unknown): Part[] {
  const list = values as readonly unknown[] | undefined;
  if (not !== undefined) {
    const others = new Set((not as unknown[]).map((each) => listed(pattern(String(each)).text)));
    const but = `all but ${[...others].sort().join(", ")}`;
    return [{ text: list === undefined ? but : `${but}, of ${JSON.stringify(list)}` }];
  }
  if (list === undefined) return [{ text: "" }];
  if (list.length === 0) return [{ text: "nothing named" }];
  return list.map((each) => pattern(String(each)));
}

/** Two stars match what one does. */
function pattern(text: string): Part {
  const one = text.replace(/\*+/g, "*");
  return { text: one, pattern: one };
}

/** In a list with ", " a text that could be taken for two is quoted. */
function listed(text: string): string {
  return text.includes(", ") || text.startsWith('"') ? JSON.stringify(text) : text;
}

/** MinIO doesn't ask where for actions of administration and sessions, and in S3 `*` is every bucket and object. */
function resourcesOf({ pattern: action = "" }: Part, resources: readonly Part[]): readonly Part[] {
  if (/^(?:admin|sts):/.test(action)) return [{ text: "" }];
  if (!action.startsWith("s3:")) return resources;
  return resources.map((each) => (each.pattern === "*" ? pattern("arn:aws:s3:::*") : each));
}
