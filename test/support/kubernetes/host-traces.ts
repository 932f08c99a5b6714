import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { GROUP_PREFIX } from "./place.ts";
import { ownHierarchies } from "./possible.ts";

/** Settings of the host that a kubelet, kube-proxy or node.sh would change if the namespaces leaked. */
const SYSCTLS = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/route_localnet",
  "net/bridge/bridge-nf-call-iptables",
  "net/netfilter/nf_conntrack_max",
];

/** Where a node writes when it is not kept in. */
const FOLDERS = ["/var/lib", "/var/log", "/run", "/etc", "/usr/libexec", "/opt"];

/** What a cluster could leave on the host, in a form that can be compared. */
export function hostTraces(): Readonly<Record<string, readonly string[]>> {
  const ip = (...args: string[]) => execFileSync("ip", args, { encoding: "utf8" }).trim().split("\n");
  const at = (name: string) => join("/proc/sys", name);
  return {
    mounts: readFileSync("/proc/self/mountinfo", "utf8").trim().split("\n"),
    links: ip("-brief", "link"),
    addresses: ip("-brief", "address"),
    routes: ip("route", "show", "table", "all"),
    namespaces: ip("netns", "list"),
    sysctls: SYSCTLS.filter((name) => existsSync(at(name))).map((name) => `${name}=${readFileSync(at(name), "utf8")}`),
    files: FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
      readdirSync(folder).map((name) => join(folder, name)),
    ),
    cgroups: (ownHierarchies()?.mounts ?? []).flatMap((mount) => otherGroups(mount).map((name) => join(mount, name))),
  };
}

/** Groups of clusters come and go with clusters: each knows its own. */
function otherGroups(mount: string): string[] {
  return readdirSync(mount).filter((name) => !name.startsWith(GROUP_PREFIX));
}
