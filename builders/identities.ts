import type { AccessPolicy, Platform, ServiceAccount } from "../config/model.ts";

/** What `@pulumi/minio` makes of a platform's `access`, each by the names it has on the server. */
type Declared =
  | { readonly kind: "IamPolicy"; readonly policy: AccessPolicy }
  | { readonly kind: "IamGroup"; readonly group: string; readonly policies: readonly string[] }
  | { readonly kind: "IamGroupPolicyAttachment"; readonly group: string; readonly policy: string }
  | { readonly kind: "IamUser"; readonly user: string; readonly policies: readonly string[] }
  | { readonly kind: "IamUserPolicyAttachment"; readonly user: string; readonly policy: string }
  | { readonly kind: "IamGroupUserAttachment"; readonly user: string; readonly group: string }
  | { readonly kind: "IamServiceAccount"; readonly account: ServiceAccount };

export type IdentityResource = Declared & {
  /** Pulumi's type. */
  readonly type: string;
  /** Logical, `<platform>/<name>`. */
  readonly name: string;
};

/** Types of all of them begin with it. */
export const IDENTITY_TYPES = "minio:index/";

/** All identities of one platform and what joins them, in the order in which one needs another. */
export function identityResources({ name: platform, access }: Platform): IdentityResource[] {
  const of = (declared: Declared, ...parts: string[]): IdentityResource => {
    const { kind } = declared;
    const type = `${IDENTITY_TYPES}${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`;
    return { ...declared, type, name: [platform, ...parts].join("/") };
  };
  return [
    ...access.policies.map((policy) => of({ kind: "IamPolicy", policy }, policy.key)),
    ...access.groups.flatMap(({ name: group, policies }) => [
      of({ kind: "IamGroup", group, policies }, group),
      ...policies.map((policy) => of({ kind: "IamGroupPolicyAttachment", group, policy }, group, policy)),
    ]),
    ...access.users.flatMap(({ name: user, policies, groups }) => [
      of({ kind: "IamUser", user, policies }, user),
      ...policies.map((policy) => of({ kind: "IamUserPolicyAttachment", user, policy }, user, policy)),
      ...groups.map((group) => of({ kind: "IamGroupUserAttachment", user, group }, user, group)),
      ...access.serviceAccounts
        .filter((account) => account.user === user)
        .map((account) => of({ kind: "IamServiceAccount", account }, account.name)),
    ]),
  ];
}
