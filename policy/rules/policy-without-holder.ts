import type { PolicyDocument } from "../../provider/bucket-types.ts";
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
  needs: ["policies", "attachments", "serviceAccounts"],
  judge: ({ policies, attachments, serviceAccounts }) =>
    policies
      .filter(({ name, document }) => {
        const attached = attachments.some(({ policy }) => policy === name);
        return !attached && !serviceAccounts.some((account) => holds(account.document, document));
      })
      .map(({ name }) => ({ subject: { kind: "policy", name }, wrong: "is held by nobody" })),
});

/** A service account has no policies attached: its one document repeats what they allow, merged. */
function holds(account: PolicyDocument, policy: PolicyDocument): boolean {
  const held = new Set(rights(account));
  return rights(policy).every((right) => held.has(right));
}

/** `action resource`, each with each; conditions left out. */
function rights(document: PolicyDocument): string[] {
  return allowances(document).flatMap(({ actions, resources }) =>
    actions.flatMap((action) => resources.map((resource) => `${action} ${resource}`)),
  );
}
