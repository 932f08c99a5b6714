import { canonicalPolicy } from "../../live/canonical.ts";
import type { PolicyDocument } from "../../provider/settings.ts";

/** What one pair of action and resource says: one element of a policy document taken apart. */
interface Right {
  readonly allow: boolean;
  /** True where it is for everybody who can reach the server. */
  readonly anyone: boolean;
  /** `anyone may s3:GetObject on arn:aws:s3:::b/*`. */
  readonly words: string;
}

export interface RightsChange {
  /** Rights that came on top, or refusals that fell away; in words. */
  readonly more: readonly string[];
  /** Rights that fell away, or refusals that came on top; in words. */
  readonly less: readonly string[];
  /** What anyone may and shouldn't. */
  readonly public: readonly string[];
}

/** How two policy documents differ in what they permit; none is a document too. */
export function rightsChange(expected: PolicyDocument | undefined, actual: PolicyDocument | undefined): RightsChange {
  const [before, after] = [rightsOf(expected), rightsOf(actual)];
  const added = [...after].filter(([key]) => !before.has(key)).map(([, right]) => right);
  const removed = [...before].filter(([key]) => !after.has(key)).map(([, right]) => right);
  const more = [...added.filter(({ allow }) => allow), ...removed.filter(({ allow }) => !allow)];
  const less = [...removed.filter(({ allow }) => allow), ...added.filter(({ allow }) => !allow)];
  return { more: words(more), less: words(less), public: words(more.filter(({ anyone }) => anyone)) };
}

function rightsOf(document: PolicyDocument | undefined): Map<string, Right> {
  const found = new Map<string, Right>();
  for (const statement of document === undefined ? [] : canonicalPolicy(document).Statement) {
    const { Effect, Principal, NotPrincipal, Condition } = statement;
    const allow = Effect === "Allow";
    const anyone = isAnyone(Principal) || NotPrincipal !== undefined;
    const who = anyone ? "anyone" : Principal === undefined ? "" : JSON.stringify(Principal);
    const when = Condition === undefined ? "" : ` when ${JSON.stringify(Condition)}`;
    for (const action of listed(statement, "Action")) {
      for (const resource of listed(statement, "Resource")) {
        const deed = `${allow ? "may" : "may not"} ${action}${resource === "" ? "" : ` on ${resource}`}${when}`;
        const text = who === "" ? deed : `${who} ${deed}`;
        found.set(text, { allow, anyone, words: text });
      }
    }
  }
  return found;
}

/** Each action or resource of a statement; one that says "all but" counts as one. */
function listed(statement: Record<string, unknown>, key: "Action" | "Resource"): string[] {
  const not = statement[`Not${key}`];
  if (not !== undefined) return [`all but ${(not as unknown[]).join(", ")}`];
  const values = statement[key];
  return values === undefined ? [""] : (values as unknown[]).map(String);
}

function isAnyone(principal: unknown): boolean {
  const { AWS } = (principal ?? {}) as { AWS?: unknown };
  return Array.isArray(AWS) && AWS.includes("*");
}

function words(rights: readonly Right[]): string[] {
  return rights.map((right) => right.words).sort();
}
