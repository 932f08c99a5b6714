import type { ResolvedModel } from "../../config/model.ts";
import type { Tier, Tiers } from "../../config/stack/tiers.ts";
import type { LiveServer, LiveTier } from "../../live/live-server.ts";
import type { Finding } from "../finding.ts";
import { type Compared, finding, where } from "./findings.ts";

/** Tiers of the stack against those of the server, and those that neither the stack nor a rule of a spec names. */
export function compareTiers(model: ResolvedModel, live: LiveServer, declared: Tiers): Compared {
  const used = new Set(
    model.platforms.flatMap(({ buckets }) =>
      buckets.flatMap(({ lifecycle }) => lifecycle.flatMap(({ transition }) => transition?.tier ?? [])),
    ),
  );
  return where(live.tiers, "tier", null, (held) => {
    const strange = held.filter(({ name }) => !used.has(name) && !Object.hasOwn(declared, name));
    const wanted = Object.entries(declared).flatMap(([name, tier]) => {
      const there = held.find((each) => each.name === name);
      return there === undefined ? [missing(name)] : changed(name, tier, there);
    });
    return { findings: [...wanted, ...strange.map(unmanaged)], notLooked: [] };
  });
}

/** High: what was moved to it can't be read, and what leads elsewhere takes objects where nobody wants them. */
const OF_TIER = { severity: "high", platform: null } as const;

function missing(name: string): Finding {
  const message =
    "is declared in bucketworks:tiers, and the server has no such tier: objects that were moved to it can't be read; pulumi up --refresh makes it again (docs/tiers.md)";
  return finding("missing", { kind: "tier", name }, { ...OF_TIER, expected: "present", message });
}

function changed(name: string, tier: Tier, held: LiveTier): Finding[] {
  const { prefix = "", region = "", storageClass = "" } = tier;
  const wanted = {
    type: tier.type,
    endpoint: new URL(tier.endpoint).origin,
    bucket: tier.bucket,
    prefix,
    region,
    storageClass,
  };
  return (Object.keys(wanted) as (keyof typeof wanted)[]).flatMap((path) => {
    const [expected, actual] = [wanted[path], held[path]];
    if (expected === actual) return [];
    const message = `${path}: expected ${JSON.stringify(expected)}, is ${JSON.stringify(actual)}: somebody removed the tier and made another of that name; what was moved before lies where the stack says (docs/tiers.md)`;
    return [finding("changed", { kind: "tier", name }, { ...OF_TIER, path, expected, actual, message })];
  });
}

function unmanaged({ name }: LiveTier): Finding {
  const of = { severity: "low", platform: null, actual: "present", message: "in no rule of a spec" } as const;
  return finding("unmanaged", { kind: "tier", name }, of);
}
