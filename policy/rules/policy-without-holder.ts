import { z } from "zod";
import type { PolicyDocument } from "../../provider/bucket-types.ts";
import type { Attachment } from "../facts.ts";
import { cis } from "../frameworks.ts";
import { stackRule } from "../rule.ts";
import { allowances } from "../statements.ts";

export const policyWithoutHolder = stackRule({
  name: "policy-without-holder",
  description:
    "every policy is held by a user, a group or a service account: rights nobody has are rights nobody reviews",
  severity: "low",
  topic: "access",
  framework: cis("6.8"),
  remedy: "give it to those who need it under access.users, groups or service_accounts, or remove it",
  needs: ["policies", "attachments", "memberships", "serviceAccounts"],
  options: {
    members: z
      .enum(["declared", "by hand"])
      .default("by hand")
      .meta({ description: "whether a group holds its policies only where the stack declares members of it" }),
  },
  judge: ({ policies, attachments, memberships, serviceAccounts }, { members }) => {
    const holds = ({ holder, name }: Attachment): boolean =>
      holder === "user" || members === "by hand" || memberships.some(({ group }) => group === name);
    return policies
      .filter(({ name, document }) => {
        const attached = attachments.some((each) => each.policy === name && holds(each));
        return !attached && !serviceAccounts.some((account) => repeats(account.document, document));
      })
      .map(({ name }) => ({ subject: { kind: "policy", name }, wrong: "is held by nobody" }));
  },
});

/** A service account has no policies attached: its one document repeats what they allow, merged. */
function repeats(account: PolicyDocument, policy: PolicyDocument): boolean {
  const held = new Set(rights(account));
  return rights(policy).every((right) => held.has(right));
}

/** `action resource`, each with each; conditions left out. */
function rights(document: PolicyDocument): string[] {
  return allowances(document).flatMap(({ actions, resources }) =>
    actions.flatMap((action) => resources.map((resource) => `${action} ${resource}`)),
  );
}
