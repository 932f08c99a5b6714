import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyOf, platform } from "../cache/key.ts";
import { distribution, downloadPackages } from "../sources/debian.ts";
import type { Recipe } from "./parts.ts";
import type { Piece } from "./piece.ts";

/** What runs beside Kubernetes on a node of the test cluster. */
const PROGRAMS = ["etcd-server", "containerd", "runc", "containernetworking-plugins", "iptables", "busybox-static"];

/** Libraries of runc and iptables that a machine may lack; all others need the C library alone. */
const LIBRARIES = [
  "libip4tc2",
  "libip6tc2",
  "libmnl0",
  "libnetfilter-conntrack3",
  "libnfnetlink0",
  "libnftnl11",
  "libseccomp2",
  "libxtables12",
];

/**
 * Debian's packages of a node, unpacked beside each other as under `/`; nothing is installed. A release of Debian serves
 * one version of a package at a time, so the release is the pin and `versions.json` says which versions came.
 */
export function nodePackages(recipe: Recipe): Piece {
  const release = distribution();
  return {
    name: "node-packages",
    version: release,
    key: keyOf(["node-packages", platform(), release, recipe.mode, ...PROGRAMS, ...LIBRARIES]),
    fill: async (folder, work) => {
      const versions = await downloadPackages([...PROGRAMS, ...LIBRARIES], folder, work);
      writeFileSync(join(folder, "versions.json"), `${JSON.stringify(versions, undefined, 2)}\n`);
      return "Debian packages";
    },
  };
}
