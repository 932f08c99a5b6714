import type { ResolvedModel } from "../../config/model.ts";
import type { Verified } from "../../report/parts.ts";
import { probesOf } from "../../verify/identities/probes.ts";
import { identitiesOf } from "../../verify/identities/rights.ts";

/** Buckets in which each identity's key was tried, by identity. */
export function triesOf(model: ResolvedModel, { identities }: Verified): Map<string, ReadonlySet<string>> {
  if (identities === null) return new Map();
  const dead = identities.findings.filter(({ operation }) => operation === "use its key");
  const untried = new Set([...identities.notTried, ...dead].map(({ identity }) => identity));
  const tried = model.platforms.flatMap(({ access, buckets }) => {
    const names = buckets.map(({ name }) => name);
    return identitiesOf(access)
      .filter(({ name }) => !untried.has(name))
      .map((identity) => [identity.name, new Set(probesOf(identity, names, "").map(({ bucket }) => bucket))] as const);
  });
  return new Map(tried);
}

/** Buckets in which some identity's key was tried. */
export function triedBuckets(model: ResolvedModel, verified: Verified): Set<string> {
  return new Set([...triesOf(model, verified).values()].flatMap((buckets) => [...buckets]));
}
