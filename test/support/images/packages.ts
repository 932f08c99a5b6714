import { join } from "node:path";
import { keyOf, platform } from "../../../toolchain/cache/key.ts";
import { ensure } from "../../../toolchain/ensure.ts";
import { downloadPackages } from "../../../toolchain/sources/debian.ts";
import { ROOT } from "../toolchain.ts";

/** Where everything of images lies that a next run can use again. */
export const IMAGES = join(ROOT, ".bucketworks", "images");

const PACKAGES = ["docker.io", "containerd", "runc", "libdevmapper1.02.1", "libseccomp2", "busybox-static"];

/** Debian's Docker engine and client with what they run. Answers the folder. */
export function dockerPackages(): Promise<string> {
  return unpacked("docker", PACKAGES);
}

/** Debian's tini, which Docker calls docker-init, in a folder of its own: images are kept by that of Docker. Answers the folder. */
export function initPackage(): Promise<string> {
  return unpacked("init", ["tini"]);
}

/** Debian's registry of images. Answers the folder. */
export function registryPackages(): Promise<string> {
  return unpacked("registry", ["docker-registry"]);
}

/** Packages of Debian 12, unpacked once as under `/`; nothing is installed. Answers the folder. */
export function unpacked(name: string, packages: readonly string[]): Promise<string> {
  const piece = {
    name,
    version: "debian-12",
    key: keyOf([platform(), ...packages]),
    fill: async (folder: string, work: Parameters<typeof downloadPackages>[2]) => {
      await downloadPackages(packages, folder, work);
      return "Debian packages";
    },
  };
  const say = (line: string) => void process.stderr.write(`images: ${line}\n`);
  return ensure(piece, { folder: IMAGES, signal: new AbortController().signal, thorough: false, say });
}
