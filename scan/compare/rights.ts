import { canonicalPolicy } from "../../live/canonical.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";

/** What one pair of action and resource says: one element of a policy document taken apart. */
interface Right {
  readonly allow: boolean;
  /** True where it is for everybody who can reach the server. */
  readonly anyone: boolean;
  /** Whom a bucket policy names; empty in a document of an identity. */
  readonly who: string;
  /** `s3:GetObject on arn:aws:s3:::b/*`. */
  readonly deed: string;
}

export interface RightsChange {
  /** Rights that were added, or refusals (Deny) that were removed; each a clause that says which. */
  readonly more: readonly string[];
  /** Rights that were removed, or refusals that were added; each a clause that says which. */
  readonly less: readonly string[];
  /** What anyone may and shouldn't: `anyone may s3:GetObject on arn:aws:s3:::b/*`. */
  readonly public: readonly string[];
}

/** How two policy documents differ in what they permit; none is a document too. */
export function rightsChange(expected: PolicyDocument | undefined, actual: PolicyDocument | undefined): RightsChange {
  const [before, after] = [rightsOf(expected), rightsOf(actual)];
  const added = [...after].filter(([key]) => !before.has(key)).map(([, right]) => right);
  const removed = [...before].filter(([key]) => !after.has(key)).map(([, right]) => right);
  const [given, refused] = [added.filter(({ allow }) => allow), added.filter(({ allow }) => !allow)];
  const [taken, allowed] = [removed.filter(({ allow }) => allow), removed.filter(({ allow }) => !allow)];
  return {
    more: [...given.map(addedWords), ...allowed.map(removedWords)].sort(),
    less: [...taken.map(removedWords), ...refused.map(addedWords)].sort(),
    public: given
      .filter(({ anyone }) => anyone)
      .map(addedWords)
      .sort(),
  };
}

/** `now may not s3:PutObject on ...` of an identity's document, `anyone may s3:GetObject on ...` of a bucket's. */
function addedWords({ allow, who, deed }: Right): string {
  return `${who === "" ? "now" : who} ${allow ? "may" : "may not"} ${deed}`;
}

/** A refusal that is gone isn't a right: another statement has to give that. */
function removedWords({ allow, who, deed }: Right): string {
  if (!allow) return `no longer refused${who === "" ? "" : ` to ${who}`}: ${deed}`;
  return who === "" ? `no longer may ${deed}` : `no longer: ${who} may ${deed}`;
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
        const deed = `${action}${resource === "" ? "" : ` on ${resource}`}${when}`;
        found.set(JSON.stringify([who, allow, deed]), { allow, anyone, who, deed });
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
