import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readPins } from "../../../toolchain/pins.ts";
import { type Place, right, type Seen, wrong } from "../finding.ts";

const OWN = join("provider", "pulumi-resource-bucketworks");

/** The plugins that Pulumi starts, in the versions that are pinned. Needs no package of npm. */
export async function lookAtPlugins({ root }: Place): Promise<Seen[]> {
  const { minioPlugin, kubernetesPlugin } = readPins(join(root, "toolchain"));
  const folder = join(root, ".bucketworks", "pulumi-home", "plugins");
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const pinned = [`resource-minio-v${minioPlugin.version}`, `resource-kubernetes-v${kubernetesPlugin.version}`];
  const missing = pinned.filter((name) => !isWhole(join(folder, name)));
  const seen = missing.map((name) => {
    const other = there.filter((each) => each.startsWith(name.replace(/-v.*/, "-v")) && each !== name);
    const instead = other.length === 0 ? "" : `; there is ${other.join(", ")}`;
    return wrong(`plugin ${name} isn't there${instead}`, "make toolchain");
  });
  const own = ownFault(join(root, OWN));
  if (own !== undefined) seen.push(wrong(own, `git checkout ${OWN}`));
  return seen.length > 0 ? seen : [right(`${pinned.join(", ")}, ${OWN}`)];
}

/** A plugin is a link into the cache, which may be gone. */
function isWhole(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => existsSync(join(folder, name)));
}

function ownFault(file: string): string | undefined {
  try {
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    return `our plugin ${file} can't be started (${(error as NodeJS.ErrnoException).code})`;
  }
}
