import { type GoPin, releaseTag } from "../pins.ts";
import { run } from "../process.ts";
import { namedRelease } from "../sources/on-path.ts";
import type { Work } from "./piece.ts";

/** The release and commit that a binary of MinIO or Silo names; undefined where it is none or doesn't run here. */
export async function releaseOf(file: string, work: Work): Promise<ReturnType<typeof namedRelease>> {
  const env = { ...process.env, MC_CONFIG_DIR: work.scratch };
  return namedRelease((await run(file, ["--version"], { env, limitMs: 20_000, signal: work.signal })).stdout);
}

/**
 * Go variables by which a binary names its release.
 * @param mark what follows the commit, for a build that isn't the module's as it is
 */
export function releaseStamps({ module, version }: GoPin, mark = ""): Readonly<Record<string, string>> {
  const { tag, time, commit } = releaseTag(version);
  return {
    [`${module}/cmd.Version`]: time,
    [`${module}/cmd.ReleaseTag`]: tag,
    [`${module}/cmd.CommitID`]: `${commit}${mark}`,
    [`${module}/cmd.CopyrightYear`]: time.slice(0, 4),
  };
}
