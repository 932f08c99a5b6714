import { beyond } from "../../live/covering.ts";
import { type Right, rightsOf } from "../../live/rights.ts";
import type { PolicyDocument } from "../../provider/bucket-types.ts";

export interface RightsChange {
  /** Rights that were added, or refusals (Deny) that were removed; each a clause that says which. */
  readonly more: readonly string[];
  /** Rights that were removed, or refusals that were added; each a clause that says which. */
  readonly less: readonly string[];
  /** What anyone may and shouldn't: `anyone may s3:GetObject on arn:aws:s3:::b/*`. */
  readonly public: readonly string[];
}

/** How two policy documents differ in what they permit; none is a document too. Nothing of another text alone. */
export function rightsChange(expected: PolicyDocument | undefined, actual: PolicyDocument | undefined): RightsChange {
  const [before, after] = [rightsOf(expected), rightsOf(actual)];
  const [added, removed] = [beyond(after, before), beyond(before, after)];
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
function addedWords(right: Right): string {
  return `${nameOf(right) || "now"} ${right.allow ? "may" : "may not"} ${deed(right)}`;
}

/** A refusal that is gone isn't a right: another statement has to give that. */
function removedWords(right: Right): string {
  const who = nameOf(right);
  if (!right.allow) return `no longer refused${who === "" ? "" : ` to ${who}`}: ${deed(right)}`;
  return who === "" ? `no longer may ${deed(right)}` : `no longer: ${who} may ${deed(right)}`;
}

function nameOf({ who, anyone }: Right): string {
  return anyone ? "anyone" : who.text;
}

/** `s3:GetObject on arn:aws:s3:::b/*`. */
function deed({ action, resource, when }: Right): string {
  return `${action.text}${resource.text === "" ? "" : ` on ${resource.text}`}${when === "" ? "" : ` when ${when}`}`;
}
