import { createHash } from "node:crypto";
import { join } from "node:path";
import { ROOT } from "../toolchain.ts";

/** Where one test cluster lies on the host, and the name of its cgroups. Two places are two clusters. */
export interface Place {
  readonly folder: string;
  /** Mode 0600: holds the token of an administrator. There only while the cluster is whole. */
  readonly kubeconfig: string;
  /** Of every component and pod of the last start; kept by a stop. */
  readonly logs: string;
  /** Everything a stop removes. */
  readonly state: string;
  /** Held by who starts or stops. */
  readonly lock: string;
  /** Below every cgroup hierarchy. Its members are the record of what runs. */
  readonly cgroup: string;
}

/** How the cgroups of all clusters begin. */
export const GROUP_PREFIX = "bucketworks-";

/** The place in a folder; touches nothing. */
export function placeAt(folder: string): Place {
  return {
    folder,
    kubeconfig: join(folder, "kubeconfig"),
    logs: join(folder, "logs"),
    state: join(folder, "state"),
    lock: join(folder, "lock"),
    cgroup: `${GROUP_PREFIX}${createHash("sha256").update(folder).digest("hex").slice(0, 8)}`,
  };
}

/** The place of this checkout's cluster. */
export function ownPlace(): Place {
  return placeAt(join(ROOT, ".bucketworks", "kubernetes"));
}
