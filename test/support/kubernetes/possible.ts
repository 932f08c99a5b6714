import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { findHierarchies, type Hierarchies } from "./cgroups.ts";

const PROGRAMS = ["unshare", "nsenter", "ip", "mount", "openssl", "tar", "apt-get", "dpkg-deb"];
const NAMESPACES = ["--mount", "--net", "--pid", "--fork", "--mount-proc"];

/** Why this machine can't start a cluster of its own; undefined when it can. */
export function whyNotHere(): string | undefined {
  if (process.platform !== "linux") return `a node runs on Linux, and this is ${process.platform}`;
  if (process.geteuid?.() !== 0) return "namespaces and control groups need root";
  const missing = PROGRAMS.filter((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).error !== undefined);
  if (missing.length > 0) return `${missing.join(", ")} not found on PATH`;
  const unshare = spawnSync("unshare", [...NAMESPACES, "ip", "link", "add", "node0", "type", "veth"]);
  if (unshare.status !== 0)
    return `the system refuses new namespaces (${String(unshare.stderr).trim().split("\n").at(-1)})`;
  if (!/\boverlay$/m.test(readFileSync("/proc/filesystems", "utf8")))
    return "the kernel has no overlay; try modprobe overlay";
  if (!existsSync("/proc/sys/net/bridge/bridge-nf-call-iptables"))
    return "bridged packets don't pass iptables here; try modprobe br_netfilter";
  return whyNoGroups(ownHierarchies());
}

/** The control groups of this machine. */
export function ownHierarchies(): Hierarchies | undefined {
  return findHierarchies(readFileSync("/proc/self/mountinfo", "utf8"));
}

function whyNoGroups(hierarchies: Hierarchies | undefined): string | undefined {
  if (hierarchies === undefined) return "no control groups are mounted under /sys/fs/cgroup";
  for (const mount of hierarchies.mounts) {
    try {
      accessSync(mount, constants.W_OK);
    } catch {
      return `control groups can't be made in ${mount}, as in a container without privileges`;
    }
  }
  return undefined;
}
