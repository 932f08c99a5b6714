import type { PolicyDocument } from "../provider/bucket-types.ts";
import type { LiveServer } from "./live-server.ts";
import { type Right, rightsOf } from "./rights.ts";

/** What one identity may do in a bucket, or in a part of it, by the policies that it holds. */
export interface BucketAccess {
  readonly identity: string;
  /** Sorted; those that a policy denies begin with `not `. */
  readonly actions: readonly string[];
}

const ARN = "arn:aws:s3:::";

/** What a document says of a bucket, of all of it or of a part; conditions aside. */
function actionsOn(bucket: string, document: PolicyDocument | undefined): string[] {
  const about = rightsOf(document).filter(({ action, resource }) => isS3(action) && touches(resource, bucket));
  return [...new Set(about.map(({ allow, action }) => (allow ? action.text : `not ${action.text}`)))].sort();
}

/** Users of a server that have anything to say in a bucket, by their own policies and those of their groups. Pure. */
export function accessTo(
  bucket: string,
  { users, groups, policies }: Pick<LiveServer, "users" | "groups" | "policies">,
): BucketAccess[] {
  if (!("value" in users)) return [];
  const ofGroups =
    "value" in groups ? [...groups.value.values()].flatMap((look) => ("value" in look ? [look.value] : [])) : [];
  return [...users.value].flatMap(([identity, user]) => {
    const member = ofGroups.filter(({ enabled, members }) => enabled && members.includes(identity));
    const held = [...user.policies, ...member.flatMap((group) => group.policies)];
    const actions = held.flatMap((name) => {
      const look = policies.get(name);
      return look !== undefined && "value" in look ? actionsOn(bucket, look.value ?? undefined) : [];
    });
    if (!user.enabled || actions.length === 0) return [];
    return [{ identity, actions: [...new Set(actions)].sort() }];
  });
}

/** Why it isn't known what some of them may: groups and policies that they hold and that can't be read. Pure. */
export function accessUnknown({
  users,
  groups,
  policies,
}: Pick<LiveServer, "users" | "groups" | "policies">): string[] {
  if ("reason" in groups) return [`groups: ${groups.reason}`];
  const looks = [...groups.value];
  const holders = [
    ...("value" in users ? users.value.values() : []),
    ...looks.flatMap(([, look]) => ("value" in look ? [look.value] : [])),
  ];
  return [
    ...looks.flatMap(([name, look]) => ("reason" in look ? [`group ${name}: ${look.reason}`] : [])),
    ...[...new Set(holders.flatMap((each) => each.policies))].flatMap((name) => {
      const look = policies.get(name);
      return look !== undefined && "reason" in look ? [`policy ${name}: ${look.reason}`] : [];
    }),
  ];
}

function isS3({ pattern, text }: Right["action"]): boolean {
  return (pattern ?? text).startsWith("s3:") || pattern === "*";
}

/** Whether a pattern of resources meets a bucket: what follows the first slash is a part of it. */
function touches({ pattern }: Right["resource"], bucket: string): boolean {
  if (pattern === undefined) return true;
  const [name = ""] = pattern.split("/");
  const parts = name.split("*").map((part) => part.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("?", "."));
  return new RegExp(`^${parts.join(".*")}$`).test(ARN + bucket);
}
