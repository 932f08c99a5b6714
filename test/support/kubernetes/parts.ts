import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../toolchain.ts";

/** The folders of what a node is made of; `toolchain/bootstrap.sh --kubernetes` builds and links them. */
export interface Parts {
  readonly kubernetes: string;
  readonly coredns: string;
  readonly packages: string;
  /** Argo Rollouts; it runs in a pod. */
  readonly rollouts: string;
}

/** The parts of this checkout; undefined while they are not built. */
export function findParts(): Parts | undefined {
  const at = (name: string) => join(ROOT, ".bucketworks", "toolchain", "kubernetes", name);
  const links = {
    kubernetes: at("kubernetes"),
    coredns: at("coredns"),
    packages: at("packages"),
    rollouts: at("rollouts"),
  };
  if (!Object.values(links).every((link) => existsSync(link))) return undefined;
  const real = Object.entries(links).map(([name, link]) => [name, realpathSync(link)]);
  return Object.fromEntries(real) as unknown as Parts;
}
