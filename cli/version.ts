import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readPins } from "../toolchain/pins.ts";

/** What a report of a fault begins with: which program this is, and what it works with. */
export interface Versions {
  readonly bucketworks: string;
  /** Of the checkout; `unknown` where it has no git, as in an image. */
  readonly commit: string;
  readonly node: string;
  readonly pulumi: string;
  /** Plugins of Pulumi, by name; our own has the version of the program. */
  readonly plugins: Readonly<Record<string, string>>;
  /** The servers that the toolchain takes or builds, the first that can be had. */
  readonly server: readonly string[];
}

export function versionsAt(root: string): Versions {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const pins = readPins(join(root, "toolchain"));
  return {
    bucketworks: version,
    commit: commitAt(root),
    node: process.versions.node,
    pulumi: pins.pulumi.version.replace(/^v/, ""),
    plugins: { bucketworks: version, minio: pins.minioPlugin.version, kubernetes: pins.kubernetesPlugin.version },
    server: [`Silo ${pins.silo.release}`, `MinIO ${pins.minio.version.replace(/^v/, "")} with our fixes`],
  };
}

export function versionText({ bucketworks, commit, node, pulumi, plugins, server }: Versions): string {
  const named = Object.entries(plugins).map(([name, version]) => `${name} ${version}`);
  return [
    `bucketworks ${bucketworks}`,
    `commit ${commit}`,
    `Node ${node}`,
    `Pulumi ${pulumi}`,
    `plugins ${named.join(", ")}`,
    `server ${server.join(", or ")}`,
  ].join("\n");
}

function commitAt(root: string): string {
  try {
    const asked = ["-C", root, "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
    return execFileSync("git", asked, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim() || "unknown";
  } catch {
    return "unknown";
  }
}
