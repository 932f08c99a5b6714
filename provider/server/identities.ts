import type { PolicyDocument } from "../bucket-types.ts";
import { adminCall } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { absent } from "./read.ts";

export interface UserInfo {
  readonly policies: readonly string[];
  readonly groups: readonly string[];
}

export interface GroupInfo {
  readonly members: readonly string[];
  readonly policies: readonly string[];
}

/**
 * What a user has. When it was made no answer tells: `updatedAt` is the time of its policies, and year 1 without any.
 * @returns undefined where the server has no such user
 */
export async function readUser(server: Connection, name: string): Promise<UserInfo | undefined> {
  const answer = await absent("XMinioAdminNoSuchUser", adminCall(server, "GET", "user-info", { accessKey: name }));
  if (answer === undefined) return undefined;
  const { policyName, memberOf } = JSON.parse(answer) as { policyName?: string; memberOf?: string[] };
  return { policies: policyName ? policyName.split(",") : [], groups: memberOf ?? [] };
}

export async function removeUser(server: Connection, name: string): Promise<void> {
  await adminCall(server, "DELETE", "remove-user", { accessKey: name });
}

/** Ends a service account; one that isn't there any more counts as ended. */
export async function removeServiceAccount(server: Connection, accessKey: string): Promise<void> {
  const gone = adminCall(server, "DELETE", "delete-service-account", { accessKey });
  await absent("XMinioInvalidIAMCredentials", absent("XMinioAdminServiceAccountNotFound", gone));
}

/** @returns undefined where the server has no such group */
export async function readGroup(server: Connection, name: string): Promise<GroupInfo | undefined> {
  const answer = await absent("XMinioAdminNoSuchGroup", adminCall(server, "GET", "group", { group: name }));
  if (answer === undefined) return undefined;
  const { members, policy } = JSON.parse(answer) as { members?: string[]; policy?: string };
  return { members: members ?? [], policies: policy ? policy.split(",") : [] };
}

/** @returns undefined where the server has no such policy */
export async function readPolicy(server: Connection, name: string): Promise<PolicyDocument | undefined> {
  const answer = await absent("XMinioAdminNoSuchPolicy", adminCall(server, "GET", "info-canned-policy", { name }));
  return answer === undefined ? undefined : (JSON.parse(answer) as PolicyDocument);
}
