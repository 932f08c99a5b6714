import { canonicalPolicy } from "../../live/canonical.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";

/*
 * Digests in specs rest on these lines: a change of their words makes every entry that names a policy drift. They are
 * apart from the words of findings (compare/rights.ts) for that reason.
 */

/**
 * What a document says, a line for each pair of action and resource: `anyone may s3:GetObject on arn:aws:s3:::b/*`.
 * Names, order and splitting of statements make no difference.
 */
export function policyFacts(document: PolicyDocument): string[] {
  const facts = canonicalPolicy(document).Statement.flatMap((statement) => {
    const { Effect, Principal, NotPrincipal, Condition } = statement;
    const whom = NotPrincipal === undefined ? principal(Principal) : `all but ${JSON.stringify(NotPrincipal)} `;
    const may = Effect === "Allow" ? "may" : "may not";
    const when = Condition === undefined ? "" : ` when ${JSON.stringify(Condition)}`;
    return listed(statement, "Action").flatMap((action) =>
      listed(statement, "Resource").map((resource) => `${whom}${may} ${action}${resource && ` on ${resource}`}${when}`),
    );
  });
  return [...new Set(facts)].sort();
}

function principal(value: unknown): string {
  if (value === undefined) return "";
  const { AWS } = Object(value) as { AWS?: unknown };
  return Array.isArray(AWS) && AWS.includes("*") ? "anyone " : `${JSON.stringify(value)} `;
}

/** Each action or resource of a statement; one that says "all but" counts as one. */
function listed(statement: Record<string, unknown>, key: "Action" | "Resource"): string[] {
  const not = statement[`Not${key}`];
  if (not !== undefined) return [`all but ${[not].flat().map(plain).join(", ")}`];
  return statement[key] === undefined ? [""] : [statement[key]].flat().map(plain);
}

/** What could be taken for two, or for a condition, is quoted. */
function plain(value: unknown): string {
  const text = String(value);
  return /, | when |^"/.test(text) ? JSON.stringify(text) : text;
}
