import type { LifecycleRule } from "../bucket-types.ts";
import { adminCall } from "./admin.ts";
import type { Connection } from "./connection.ts";

export interface SortedRules {
  readonly applied: readonly LifecycleRule[];
  /** Rules that move objects to a tier the server doesn't have; it would refuse the whole document for one of them. */
  readonly notApplied: readonly LifecycleRule[];
}

/** Sorts rules by whether the server has the tier they name. It is asked only where a rule names one. */
export async function sortByTier(server: Connection, rules: readonly LifecycleRule[]): Promise<SortedRules> {
  if (!rules.some((rule) => tiersOf(rule).length > 0)) return { applied: rules, notApplied: [] };
  const tiers = await readTiers(server);
  const lacks = (rule: LifecycleRule): boolean => tiersOf(rule).some((tier) => !tiers.has(tier));
  return { applied: rules.filter((rule) => !lacks(rule)), notApplied: rules.filter(lacks) };
}

/** Names of the tiers that a rule moves objects to. */
export function tiersOf({ Transition, NoncurrentVersionTransition }: LifecycleRule): string[] {
  return [Transition, NoncurrentVersionTransition].flatMap((each) => (each ? [each.StorageClass] : []));
}

/** Names of the server's remote tiers; it answers `null` where it has none. */
async function readTiers(server: Connection): Promise<ReadonlySet<string>> {
  const answer = JSON.parse(await adminCall(server, "GET", "tier", {})) as { Name?: string }[] | null;
  return new Set((answer ?? []).map(({ Name = "" }) => Name));
}
