import { sameRights } from "../../live/covering.ts";
import type { LiveServer, LiveUser } from "../../live/live-server.ts";
import type { OwnIdentities } from "../../live/own-identities.ts";
import type { Finding } from "../finding.ts";

/**
 * Leaves out what is there for this program itself: its policies, and who deploys, scans and reads metrics by them. One holder of each
 * is expected. Where several hold one, only who is known to be right is left out: the others may be anybody's.
 */
export function withoutOwn(
  findings: readonly Finding[],
  { users, policies }: LiveServer,
  own: OwnIdentities,
): Finding[] {
  const known = "value" in users ? users.value : new Map<string, LiveUser>();
  const documentOf = (policy: string) => {
    const look = policies.get(policy);
    return look !== undefined && "value" in look ? (look.value ?? undefined) : undefined;
  };
  const isExpected = (name: string): boolean => {
    const policy = own.holders.get(name);
    if (policy === undefined) return false;
    // a policy of the same rights by another name is the same one
    const held = documentOf(policy);
    const alone = [...own.holders.values()].filter((each) => sameRights(documentOf(each), held)).length === 1;
    const nothingElse = known.get(name)?.policies.every((each) => own.policies.has(each)) === true;
    return nothingElse && (alone || own.known.has(name));
  };
  return findings.filter(({ kind, subject: { kind: of, name } }) => {
    if (kind !== "unmanaged") return true;
    return of === "policy" ? !own.policies.has(name) : of !== "user" || !isExpected(name);
  });
}
