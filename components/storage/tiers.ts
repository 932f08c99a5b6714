import type { TierSettings } from "../../config/stack/settings.ts";
import { Tier } from "../../provider/sdk.ts";
import type { Server } from "../server-providers.ts";

/** The tiers of the stack, by name: they are the server's, and of no platform. */
export function tiersOf(settings: readonly TierSettings[], { provider }: Server): ReadonlyMap<string, Tier> {
  return new Map(
    settings.map(({ adopt, prefix, region, storageClass, ...tier }) => {
      const given = {
        ...tier,
        ...(prefix !== undefined && { prefix }),
        ...(region !== undefined && { region }),
        ...(storageClass !== undefined && { storageClass }),
        ...(adopt && { adopt }),
      };
      // Of a replacement the removal comes first, and the provider refuses it: nothing has changed then.
      return [tier.name, new Tier(given, { provider, deleteBeforeReplace: true })];
    }),
  );
}
