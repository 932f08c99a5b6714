import * as minio from "@pulumi/minio";
import * as pulumi from "@pulumi/pulumi";
import { accessPolicy } from "../../builders/access-policy.ts";
import type { Access, AccessPolicy, Platform } from "../../config/model.ts";
import type { CredentialOutput } from "../outputs.ts";
import { newSecret } from "./new-secret.ts";

export interface IdentitiesOptions {
  readonly parent: pulumi.Resource;
  readonly provider: minio.Provider;
  /** Bound to everything whose creation would overwrite what is there under its name. */
  readonly refuseExisting: pulumi.ResourceHook;
  /** The user who gets a new secret by this update; undefined is nobody. */
  readonly newSecretFor: string | undefined;
}

type Credentials = Record<string, CredentialOutput>;

/**
 * Policies, groups, users and service accounts of one platform. Logical names are `<platform>/<name>`.
 * `forceDestroy` is never set: an update of a user or group that has it deletes it. Attachments end with their user
 * or group, because a group that has lost its policies is made `readonly` by the provider before it is deleted; and a
 * policy outlives those who have it, because the server keeps one that is in use.
 * @returns the key of each user and service account by name
 */
export function identities(platform: Platform, options: IdentitiesOptions): pulumi.Output<Credentials> {
  const { access } = platform;
  const { parent, provider } = options;
  const claims = { parent, provider, hooks: { beforeCreate: [options.refuseExisting] } };
  const logical = (...parts: string[]): string => [platform.name, ...parts].join("/");
  const policies = new Map<string, minio.IamPolicy>();
  for (const policy of access.policies) {
    const args = { name: policy.name, policy: document([policy]) };
    policies.set(policy.name, new minio.IamPolicy(logical(policy.key), args, claims));
  }
  const groups = new Map<string, minio.IamGroup>();
  for (const { name, policies: attached } of access.groups) {
    const dependsOn = attached.map((policy) => named(policies, policy));
    const group = new minio.IamGroup(logical(name), { name }, { ...claims, dependsOn });
    groups.set(name, group);
    for (const policy of attached) {
      const args = { groupName: group.name, policyName: named(policies, policy).name };
      new minio.IamGroupPolicyAttachment(logical(name, policy), args, { parent, provider, deletedWith: group });
    }
  }
  const keys: Record<string, pulumi.Output<CredentialOutput>> = {};
  for (const { name, policies: attached, groups: joined } of access.users) {
    const dependsOn = attached.map((policy) => named(policies, policy));
    const secret = name === options.newSecretFor && { secret: pulumi.secret(newSecret()) };
    const user = new minio.IamUser(logical(name), { name, ...secret }, { ...claims, dependsOn });
    const ofUser = { parent, provider, deletedWith: user };
    const rights = [
      ...attached.map((policy) => {
        const args = { userName: user.name, policyName: named(policies, policy).name };
        return new minio.IamUserPolicyAttachment(logical(name, policy), args, ofUser);
      }),
      // Taken off before its group is deleted: the provider leaves a group with members where it is, and says nothing.
      ...joined.map((group) => {
        const args = { userName: user.name, groupName: named(groups, group).name };
        return new minio.IamGroupUserAttachment(logical(name, group), args, { parent, provider });
      }),
    ];
    keys[name] = credential(user.name, user.secret);
    for (const account of access.serviceAccounts.filter((each) => each.user === name)) {
      const args = { targetUser: user.name, policy: document(policiesOf(access, account.policies)) };
      const made = new minio.IamServiceAccount(logical(account.name), args, { ...ofUser, dependsOn: rights });
      keys[account.name] = credential(made.accessKey, made.secretKey);
    }
  }
  return pulumi.secret(pulumi.all(keys));
}

function policiesOf(access: Access, names: readonly string[]): AccessPolicy[] {
  return access.policies.filter(({ name }) => names.includes(name));
}

function document(policies: readonly AccessPolicy[]): string {
  return JSON.stringify(accessPolicy(policies.flatMap(({ grants }) => grants)));
}

function credential(
  accessKey: pulumi.Output<string>,
  secretKey: pulumi.Output<string>,
): pulumi.Output<CredentialOutput> {
  return pulumi.all([accessKey, secretKey]).apply(([accessKey, secretKey]) => ({ accessKey, secretKey }));
}

/** The spec was judged: every name it uses is declared. */
function named<T>(declared: ReadonlyMap<string, T>, name: string): T {
  const found = declared.get(name);
  if (found === undefined) throw new Error(`${name} isn't declared`);
  return found;
}
