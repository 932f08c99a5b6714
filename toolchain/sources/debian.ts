import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../fault.ts";
import type { Work } from "../pieces/piece.ts";
import { mustRun, run } from "../process.ts";

/**
 * Downloads packages with apt and unpacks them into `folder`; answers the versions by name. apt keeps its lists in the
 * scratch folder and checks signatures and hashes as always: the machine's own lists and packages stay as they are.
 * @param which also what the packages need and the machine lacks
 * @throws Fault when there is no apt here, or a package is not to be had
 */
export async function downloadPackages(
  names: readonly string[],
  folder: string,
  work: Work,
  which: "alone" | "with what they need" = "alone",
): Promise<Readonly<Record<string, string>>> {
  const { signal, scratch } = work;
  if ((await run("apt-get", ["--version"], { signal })).code !== 0)
    throw new Fault("Debian's packages are needed, and there is no apt-get on PATH; use a Debian or Ubuntu machine");
  const [lists, cache, archives] = ["lists", "cache", "archives"].map((name) => join(scratch, name)) as Three;
  for (const place of [join(lists, "partial"), cache, join(archives, "partial")]) mkdirSync(place, { recursive: true });
  const own = [
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${cache}`,
    `Dir::Cache::archives=${archives}`,
    "APT::Sandbox::User=root",
  ];
  const apt = (...args: string[]) =>
    mustRun("Debian's packages", "apt-get", [...own.flatMap((option) => ["-o", option]), "-q", ...args], {
      cwd: archives,
      signal,
    });
  await apt("update");
  if (which === "alone") await apt("download", ...names);
  // Nothing is installed, so no lock of the machine's is asked for.
  else await apt("install", "--download-only", "--reinstall", "--yes", "--no-install-recommends", ...NO_LOCK, ...names);
  const versions: Record<string, string> = {};
  for (const archive of readdirSync(archives)
    .filter((name) => name.endsWith(".deb"))
    .sort()) {
    const file = join(archives, archive);
    const field = async (name: string) =>
      (await mustRun(archive, "dpkg-deb", ["--field", file, name], { signal })).trim();
    versions[await field("Package")] = await field("Version");
    await mustRun(archive, "dpkg-deb", ["--extract", file, folder], { signal });
  }
  return versions;
}

const NO_LOCK = ["-o", "Debug::NoLocking=1"];

/** For example `debian-12`; `linux` where the system doesn't say. A release serves one version of a package at a time. */
export function distribution(): string {
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    const field = (name: string) => new RegExp(`^${name}="?([^"\n]+)"?$`, "m").exec(text)?.[1];
    return `${field("ID") ?? "linux"}-${field("VERSION_ID") ?? "unknown"}`;
  } catch {
    return "linux-unknown";
  }
}

type Three = [string, string, string];
