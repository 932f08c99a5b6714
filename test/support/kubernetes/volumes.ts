import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { localVolume } from "./base-objects.ts";
import type { Kubectl } from "./kubectl.ts";
import { INSIDE } from "./layout.ts";
import type { Place } from "./place.ts";

/** How many volumes a cluster starts with, and the size each claims to have; nothing limits what is written. */
export const VOLUMES = { count: 24, size: "10Gi" } as const;

/**
 * Adds volumes to a cluster of ours, each in a folder of its own that belongs to root. A volume serves one claim in its
 * life: it is kept when the claim goes, and bound to no other.
 */
export async function addVolumes(place: Place, kubectl: Kubectl, count: number, size: string): Promise<void> {
  const folder = join(place.state, "volumes");
  mkdirSync(folder, { recursive: true });
  const first = readdirSync(folder).length + 1;
  const names = Array.from({ length: count }, (_, index) => `local-${first + index}`);
  for (const name of names) mkdirSync(join(folder, name));
  await kubectl.create(names.map((name) => localVolume(name, `${INSIDE.volumes}/${name}`, size)));
}
