import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { localVolume, type Manifest } from "./base-objects.ts";
import { INSIDE } from "./layout.ts";
import type { Place } from "./place.ts";

/** How many volumes a cluster starts with, and the size each claims to have; nothing limits what is written. */
export const VOLUMES = { count: 24, size: "10Gi" } as const;

/**
 * Makes folders for volumes of a cluster of ours, which belong to root, and answers the objects that offer them. A volume
 * serves one claim in its life: it is kept when the claim goes, and bound to no other.
 */
export function makeVolumes(place: Place, count: number, size: string): Manifest[] {
  const folder = join(place.state, "volumes");
  mkdirSync(folder, { recursive: true });
  const first = readdirSync(folder).length + 1;
  const names = Array.from({ length: count }, (_, index) => `local-${first + index}`);
  for (const name of names) mkdirSync(join(folder, name));
  return names.map((name) => localVolume(name, `${INSIDE.volumes}/${name}`, size));
}
