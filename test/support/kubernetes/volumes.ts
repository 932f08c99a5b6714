import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Claim, localVolume, type Manifest } from "./base-objects.ts";
import { INSIDE } from "./layout.ts";
import type { Place } from "./place.ts";

/** How many volumes a cluster starts with, and the size each claims to have; nothing limits what is written. */
export const VOLUMES = { count: 24, size: "10Gi" } as const;

/**
 * Makes folders for volumes of a cluster of ours, which belong to root, and answers the objects that offer them. A volume
 * serves one claim in its life: it is kept when the claim goes, and bound to no other.
 * @param claim the one that gets them; absent is any, as files of tests run at the same time
 */
export function makeVolumes(place: Place, count: number, size: string, claim?: Claim): Manifest[] {
  const folder = join(place.state, "volumes");
  const names = Array.from({ length: count }, () => `local-${randomBytes(4).toString("hex")}`);
  for (const name of names) mkdirSync(join(folder, name), { recursive: true });
  return names.map((name) => localVolume(name, `${INSIDE.volumes}/${name}`, size, claim));
}
