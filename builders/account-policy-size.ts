import type { Fault } from "../config/issues.ts";
import type { Grant } from "../config/model.ts";
import { resolveAccess } from "../config/resolve/access.ts";
import type { DocumentRule } from "../config/rules/rule.ts";
import { accessPolicy } from "./access-policy.ts";

/** Bytes that MinIO takes for a service account's own document, `maxSVCSessionPolicySize`; a user's policies may be larger. */
export const ACCOUNT_POLICY_MAX = 4096;

/** Bytes of the document of these grants as the server measures it: written by Go, which writes `<`, `>` and `&` as escapes. */
export function accountPolicySize(grants: readonly Grant[]): number {
  return Buffer.byteLength(JSON.stringify(accessPolicy(grants)).replace(/[<>&\u2028\u2029]/g, "\\u0000"));
}

/** No service account has a document that the server refuses for its size, in the middle of an update. */
export const accountPolicySizes: DocumentRule = (view) => {
  const { policies, serviceAccounts } = resolveAccess(view.document.platform, view.spec.access);
  return serviceAccounts.flatMap((account): Fault[] => {
    const grants = policies.filter(({ name }) => account.policies.includes(name)).flatMap((policy) => policy.grants);
    const size = accountPolicySize(grants);
    if (size <= ACCOUNT_POLICY_MAX) return [];
    const message = `the document of service account ${account.name} has ${size} bytes; MinIO takes ${ACCOUNT_POLICY_MAX} at most`;
    const fix = "give it fewer buckets or prefixes, or split it into two accounts; a user's own policies may be larger";
    return [
      { code: "account-policy-size", path: ["access", "service_accounts", account.name], onKey: true, message, fix },
    ];
  });
};
