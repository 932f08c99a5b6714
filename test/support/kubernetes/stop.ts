import { rmSync } from "node:fs";
import { clearGroups, type Hierarchies } from "./cgroups.ts";
import type { Place } from "./place.ts";

/**
 * Ends whatever runs at a place, whole or half-started, and removes its state; the logs stay. The namespaces end with
 * their processes, and mounts, links, routes and rules with the namespaces. Only then the state's files are removed:
 * before, volumes would still be mounted below them.
 */
export async function stopCluster(hierarchies: Hierarchies, place: Place): Promise<void> {
  rmSync(place.kubeconfig, { force: true });
  await clearGroups(hierarchies, place.cgroup);
  rmSync(place.state, { recursive: true, force: true });
}
