import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ownHierarchies } from "../kubernetes/possible.ts";
import { ENGINE_DATA } from "./engine.ts";

const PROGRAMS = ["unshare", "mount", "tar", "apt-get", "dpkg-deb", "go", "npm"];
/** Set by `make images-test`. */
const ASKED = "BUCKETWORKS_IMAGES_TEST";
/** There once a run has built the images: from then on a run takes seconds. */
export const BUILT_ONCE = join(ENGINE_DATA, "built-once");

/** Why the Dockerfiles aren't built here, as the reason of a skip; undefined when they are. */
export function whyNoEngine(): string | undefined {
  const reason = whyNotHere();
  if (reason !== undefined) return `no Docker engine: ${reason} (docs/images.md)`;
  if (process.env[ASKED] || existsSync(BUILT_ONCE)) return undefined;
  return "images were never built here, which takes minutes; make images-test builds them, and from then on make test does";
}

function whyNotHere(): string | undefined {
  if (process.platform !== "linux") return `it runs on Linux, and this is ${process.platform}`;
  if (process.geteuid?.() !== 0) return "namespaces and control groups need root";
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  if (!/^ID=debian$/m.test(release) || !/^VERSION_ID="12"$/m.test(release))
    return "its packages are those of Debian 12";
  const missing = PROGRAMS.filter((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).error !== undefined);
  if (missing.length > 0) return `${missing.join(", ")} not found on PATH`;
  return ownHierarchies() === undefined ? "no control groups are mounted under /sys/fs/cgroup" : undefined;
}
