import type { PolicyDocument } from "../bucket-types.ts";
import { adminCall } from "./admin.ts";
import type { Connection } from "./connection.ts";
import { absent } from "./read.ts";

export interface UserInfo {
  /** When the user was made or last changed. */
  readonly updated: Date;
}

export interface GroupInfo {
  readonly members: readonly string[];
  readonly policies: readonly string[];
}

/** @returns undefined where the server has no such user */
export async function readUser(server: Connection, name: string): Promise<UserInfo | undefined> {
  const answer = await absent("XMinioAdminNoSuchUser", adminCall(server, "GET", "user-info", { accessKey: name }));
  if (answer === undefined) return undefined;
  const { updatedAt } = JSON.parse(answer) as { updatedAt?: string };
  return { updated: new Date(updatedAt ?? 0) };
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
