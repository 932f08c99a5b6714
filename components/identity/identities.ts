import * as minio from "@pulumi/minio";
import * as pulumi from "@pulumi/pulumi";
import { accessPolicy } from "../../builders/access-policy.ts";
import { identityResources } from "../../builders/identities.ts";
import { previousName } from "../../builders/previous-key.ts";
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
  /** Logical names of service accounts whose former key is still taken. */
  readonly previous: ReadonlySet<string>;
}

/** Keys by user or service account. */
export interface Identities {
  /** Secret. */
  readonly credentials: pulumi.Output<Record<string, CredentialOutput>>;
  /** Access keys that are taken beside those that replaced them. */
  readonly previousKeys: pulumi.Output<Record<string, string>>;
}

/**
 * Policies, groups, users and service accounts of one platform. Logical names are `<platform>/<name>`.
 * `forceDestroy` is never set: an update of a user or group that has it deletes it. Attachments end with their user
 * or group, because a group that has lost its policies is made `readonly` by the provider before it is deleted; and a
 * policy outlives those who have it, because the server keeps one that is in use.
 */
export function identities(platform: Platform, options: IdentitiesOptions): Identities {
  const { parent, provider } = options;
  const claims = { parent, provider, hooks: { beforeCreate: [options.refuseExisting] } };
  const policies = new Map<string, minio.IamPolicy>();
  const groups = new Map<string, minio.IamGroup>();
  const users = new Map<string, minio.IamUser>();
  /** What gives a user its rights: its service accounts wait for it. */
  const rights: { readonly user: string; readonly resource: pulumi.Resource }[] = [];
  const keys: Record<string, pulumi.Output<CredentialOutput>> = {};
  const previousKeys: Record<string, pulumi.Output<string>> = {};
  const attached = (names: readonly string[]): pulumi.Resource[] => names.map((name) => named(policies, name));
  for (const declared of identityResources(platform)) {
    const { name: logical } = declared;
    switch (declared.kind) {
      case "IamPolicy": {
        const { policy } = declared;
        const args = { name: policy.name, policy: document([policy]) };
        policies.set(policy.name, new minio.IamPolicy(logical, args, claims));
        break;
      }
      case "IamGroup": {
        const { group: name } = declared;
        const dependsOn = attached(declared.policies);
        groups.set(name, new minio.IamGroup(logical, { name }, { ...claims, dependsOn }));
        break;
      }
      case "IamGroupPolicyAttachment": {
        const group = named(groups, declared.group);
        const args = { groupName: group.name, policyName: named(policies, declared.policy).name };
        new minio.IamGroupPolicyAttachment(logical, args, { parent, provider, deletedWith: group });
        break;
      }
      case "IamUser": {
        const { user: name } = declared;
        const dependsOn = attached(declared.policies);
        // Of a user that is there, the secret it has is kept: only a new one takes this, or one that is to get another.
        const ignoreChanges = name === options.newSecretFor ? [] : ["secret"];
        const args = { name, secret: pulumi.secret(newSecret()) };
        const user = new minio.IamUser(logical, args, { ...claims, dependsOn, ignoreChanges });
        users.set(name, user);
        keys[name] = credential(user.name, user.secret);
        break;
      }
      case "IamUserPolicyAttachment": {
        const user = named(users, declared.user);
        const args = { userName: user.name, policyName: named(policies, declared.policy).name };
        const resource = new minio.IamUserPolicyAttachment(logical, args, { parent, provider, deletedWith: user });
        rights.push({ user: declared.user, resource });
        break;
      }
      case "IamGroupUserAttachment": {
        const args = { userName: named(users, declared.user).name, groupName: named(groups, declared.group).name };
        // Taken off before its group is deleted: the provider leaves a group with members where it is, and says nothing.
        const resource = new minio.IamGroupUserAttachment(logical, args, { parent, provider });
        rights.push({ user: declared.user, resource });
        break;
      }
      case "IamServiceAccount": {
        const { account } = declared;
        const user = named(users, account.user);
        const dependsOn = rights.flatMap((each) => (each.user === account.user ? [each.resource] : []));
        const args = { targetUser: user.name, policy: document(policiesOf(platform.access, account.policies)) };
        const own = { parent, provider, deletedWith: user, dependsOn };
        const made = new minio.IamServiceAccount(logical, args, own);
        keys[account.name] = credential(made.accessKey, made.secretKey);
        if (options.previous.has(logical)) {
          // Of another user it would be another key, which nobody has.
          const held = { ...own, ignoreChanges: ["targetUser"] };
          const old = new minio.IamServiceAccount(previousName(logical), args, held);
          previousKeys[account.name] = old.accessKey;
        }
      }
    }
  }
  return { credentials: pulumi.secret(pulumi.all(keys)), previousKeys: pulumi.all(previousKeys) };
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
