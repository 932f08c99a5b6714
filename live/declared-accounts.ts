import { accessPolicy } from "../builders/access-policy.ts";
import type { ResolvedModel, ServiceAccount } from "../config/model.ts";
import type { PolicyDocument } from "../provider/bucket-types.ts";
import { sameRights } from "./covering.ts";

/** A service account as the specs ask for it. The server doesn't know its name: it is told by user and document. */
export interface DeclaredAccount {
  readonly account: ServiceAccount;
  readonly platform: string;
  readonly document: PolicyDocument;
}

export function declaredAccounts(model: ResolvedModel): DeclaredAccount[] {
  return model.platforms.flatMap(({ name: platform, access }) =>
    access.serviceAccounts.map((account): DeclaredAccount => {
      const policies = access.policies.filter(({ name }) => account.policies.includes(name));
      return { account, platform, document: accessPolicy(policies.flatMap(({ grants }) => grants)) };
    }),
  );
}

/** @param policy as on the server; null is none of its own */
export function isDocument(policy: PolicyDocument | null, document: PolicyDocument): boolean {
  return policy !== null && sameRights(policy, document);
}
