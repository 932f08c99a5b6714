import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findHierarchies } from "../support/kubernetes/cgroups.ts";
import { whyNoGroups } from "../support/kubernetes/possible.ts";

const FIRST = [
  "24 1 0:21 / /sys/fs/cgroup rw,relatime shared:5 - tmpfs tmpfs rw,mode=755",
  "25 24 0:22 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct",
  "26 24 0:23 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory",
  "27 24 0:24 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd",
];
const UNIFIED = (at: string) => `28 24 0:25 / ${at} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate`;

describe("control groups of a machine", () => {
  it("are version 1 where memory is a hierarchy of its own, with version 2 beside it or not", () => {
    const mounts = ["cpu,cpuacct", "memory", "systemd"].map((name) => `/sys/fs/cgroup/${name}`);
    expect(findHierarchies(FIRST.join("\n"))).toEqual({ version: 1, mounts });
    const both = [...FIRST, UNIFIED("/sys/fs/cgroup/unified")].join("\n");
    expect(findHierarchies(both)).toEqual({ version: 1, mounts: [...mounts, "/sys/fs/cgroup/unified"] });
  });

  it("are version 2 where that alone is mounted, and none where nothing is", () => {
    const mountinfo = ["1 0 8:1 / / rw - ext4 /dev/sda rw", UNIFIED("/sys/fs/cgroup")].join("\n");
    expect(findHierarchies(mountinfo)).toEqual({ version: 2, mounts: ["/sys/fs/cgroup"] });
    expect(findHierarchies("1 0 8:1 / / rw - ext4 /dev/sda rw\n")).toBeUndefined();
    expect(whyNoGroups(undefined)).toMatch(/no control groups are mounted/);
  });
});

describe("groups of version 2", () => {
  let mount: string;

  beforeEach(() => {
    mount = mkdtempSync(join(tmpdir(), "bucketworks-cgroup-"));
    files({
      "cgroup.controllers": "cpuset cpu io memory pids",
      "cgroup.subtree_control": "",
      "cgroup.procs": "1\n7\n",
    });
  });

  afterEach(() => rmSync(mount, { recursive: true, force: true }));

  const files = (texts: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(texts)) writeFileSync(join(mount, name), `${text}\n`);
  };
  const reason = () => whyNoGroups({ version: 2, mounts: [mount] });

  it("can be made below the root, whatever processes lie in it", () => {
    expect(reason()).toBeUndefined();
  });

  it("can't be made in a container's own part while its processes lie there, unless controllers are passed already", () => {
    files({ "cgroup.type": "domain" });
    expect(reason()).toBe(
      `processes lie in ${mount} itself, as in a container with control groups of its own; give it the host's (--cgroupns=host)`,
    );
    files({ "cgroup.subtree_control": "cpuset cpu memory pids" });
    expect(reason()).toBeUndefined();
    files({ "cgroup.subtree_control": "", "cgroup.procs": "" });
    expect(reason()).toBeUndefined();
  });

  it("can't be made without the controllers that a kubelet needs, and the reason names them", () => {
    files({ "cgroup.controllers": "hugetlb cpu" });
    expect(reason()).toBe(`the control groups in ${mount} lack cpuset, memory, pids`);
  });

  it("can't be made where nothing may be written", () => {
    expect(whyNoGroups({ version: 1, mounts: ["/proc/no-such-mount"] })).toMatch(
      /can't be made in \/proc\/no-such-mount/,
    );
  });
});
