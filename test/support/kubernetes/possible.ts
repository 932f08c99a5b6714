import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findHierarchies, type Hierarchies, NEEDED } from "./cgroups.ts";
import { findParts } from "./parts.ts";

const PROGRAMS = ["unshare", "nsenter", "ip", "mount", "openssl", "tar"];
/** What gets the parts of a node, as long as they are not there. */
const BUILDERS = ["go", "apt-get", "dpkg-deb"];
const NAMESPACES = ["--mount", "--net", "--pid", "--fork", "--mount-proc"];

/** Why this machine can't start a cluster of its own; undefined when it can. */
export function whyNotHere(): string | undefined {
  if (process.platform !== "linux") return `a node runs on Linux, and this is ${process.platform}`;
  if (process.geteuid?.() !== 0) return "namespaces and control groups need root";
  const needed = findParts() === undefined ? [...PROGRAMS, ...BUILDERS] : PROGRAMS;
  const missing = needed.filter((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).error !== undefined);
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

/** Why no groups for a node can be made in hierarchies; undefined when they can, as far as reading them tells. */
export function whyNoGroups(hierarchies: Hierarchies | undefined): string | undefined {
  if (hierarchies === undefined) return "no control groups are mounted under /sys/fs/cgroup";
  for (const mount of hierarchies.mounts) {
    try {
      accessSync(mount, constants.W_OK);
    } catch {
      return `control groups can't be made in ${mount}, as in a container without privileges`;
    }
  }
  return hierarchies.version === 2 ? whyNotPassed(hierarchies.mounts[0] ?? "") : undefined;
}

/** Version 2 gives a controller to groups below only where no process lies in the group itself; the root is exempt. */
function whyNotPassed(mount: string): string | undefined {
  const words = (name: string) => readFileSync(join(mount, name), "utf8").split(/\s+/);
  const missing = (name: string) => NEEDED.filter((controller) => !words(name).includes(controller));
  const absent = missing("cgroup.controllers");
  if (absent.length > 0) return `the control groups in ${mount} lack ${absent.join(", ")}`;
  const isRoot = !existsSync(join(mount, "cgroup.type"));
  if (isRoot || missing("cgroup.subtree_control").length === 0 || words("cgroup.procs").join("") === "")
    return undefined;
  return `processes lie in ${mount} itself, as in a container with control groups of its own; give it the host's (--cgroupns=host)`;
}
