import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../fault.ts";
import type { Work } from "../pieces/piece.ts";
import { mustRun, run } from "../process.ts";

/**
 * Downloads packages with apt and unpacks them into `folder`; answers the versions by name. apt keeps its lists in the
 * scratch folder and checks signatures and hashes as always: the machine's own lists and packages stay as they are.
 * @throws Fault when there is no apt here, or a package is not to be had
 */
export async function downloadPackages(
  names: readonly string[],
  folder: string,
  work: Work,
): Promise<Readonly<Record<string, string>>> {
  const { signal, scratch } = work;
  if ((await run("apt-get", ["--version"], { signal })).code !== 0)
    throw new Fault("Debian's packages are needed, and there is no apt-get on PATH; use a Debian or Ubuntu machine");
  const [lists, cache, archives] = ["lists", "cache", "archives"].map((name) => join(scratch, name)) as Three;
  for (const place of [join(lists, "partial"), join(cache, "archives", "partial"), archives])
    mkdirSync(place, { recursive: true });
  const own = [`Dir::State::lists=${lists}`, `Dir::Cache=${cache}`, "APT::Sandbox::User=root"];
  const apt = (...args: string[]) =>
    mustRun("Debian's packages", "apt-get", [...own.flatMap((option) => ["-o", option]), "-q", ...args], {
      cwd: archives,
      signal,
    });
  await apt("update");
  await apt("download", ...names);
  const versions: Record<string, string> = {};
  for (const archive of readdirSync(archives).sort()) {
    const file = join(archives, archive);
    const field = async (name: string) =>
      (await mustRun(archive, "dpkg-deb", ["--field", file, name], { signal })).trim();
    versions[await field("Package")] = await field("Version");
    await mustRun(archive, "dpkg-deb", ["--extract", file, folder], { signal });
  }
  return versions;
}

type Three = [string, string, string];
