import { metricsPolicy } from "../builders/monitoring/metrics-access.ts";
import deployer from "../docs/deployer-policy.json" with { type: "json" };
import notifications from "../docs/notifications-policy.json" with { type: "json" };
import replication from "../docs/replication-policy.json" with { type: "json" };
import scanner from "../docs/scanner-policy.json" with { type: "json" };
import tiers from "../docs/tiers-policy.json" with { type: "json" };
import type { PolicyDocument } from "../provider/bucket-types.ts";
import { isBuiltIn } from "./built-in-policies.ts";
import { sameRights } from "./covering.ts";
import type { LiveServer } from "./live-server.ts";

/** The policies that docs/ has an administrator make for this program, and that of Prometheus, by the names they have there. */
export const OWN_POLICIES: Readonly<Record<string, PolicyDocument>> = {
  "bucketworks-deployer": deployer,
  "bucketworks-scanner": scanner,
  "bucketworks-tiers": tiers,
  "bucketworks-notifications": notifications,
  "bucketworks-replication": replication,
  "bucketworks-metrics": metricsPolicy(),
};

/** That of `OWN_POLICIES` with this name; a server's names may be those that every object has, `constructor` for one. */
export function ownPolicy(name: string): PolicyDocument | undefined {
  return Object.hasOwn(OWN_POLICIES, name) ? OWN_POLICIES[name] : undefined;
}

/** What on a server is there for this program itself: no platform's, and in no spec. */
export interface OwnIdentities {
  /** Names of policies with a document of `OWN_POLICIES`. */
  readonly policies: ReadonlySet<string>;
  /** Users that hold such a policy, themselves or by a group, with its name. */
  readonly holders: ReadonlyMap<string, string>;
  /** Users known to be right: who asks, and whom the stack deploys with. */
  readonly known: ReadonlySet<string>;
}

export function ownIdentities({ users, groups, policies }: LiveServer, known: OwnIdentities["known"]): OwnIdentities {
  const ofOurs = [...policies].filter(
    ([name, look]) => "value" in look && look.value !== null && !isBuiltIn(name) && isOwn(look.value, name),
  );
  const own = new Set(ofOurs.map(([name]) => name));
  const holders = new Map<string, string>();
  const take = (user: string, held: readonly string[]): void => {
    const policy = held.find((each) => own.has(each));
    if (policy !== undefined) holders.set(user, policy);
  };
  for (const look of "value" in groups ? groups.value.values() : []) {
    if ("value" in look) for (const member of look.value.members) take(member, look.value.policies);
  }
  for (const [name, user] of "value" in users ? users.value : []) take(name, user.policies);
  return { policies: own, holders, known };
}

/** Whether a document gives the rights of one of `OWN_POLICIES`, whatever text it has; under one of their names, of that one. */
function isOwn(document: PolicyDocument, name: string): boolean {
  const named = ownPolicy(name);
  return (named === undefined ? Object.values(OWN_POLICIES) : [named]).some((own) => sameRights(own, document));
}
