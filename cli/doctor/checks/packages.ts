import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Place, right, type Seen, wrong } from "../finding.ts";

/** The packages of npm: those of the lock file, installed to the end. Needs none itself. */
export async function lookAtPackages({ root }: Place): Promise<Seen[]> {
  const cure = "make packages";
  const modules = join(root, "node_modules");
  if (!existsSync(modules)) return [wrong("npm packages aren't installed", cure)];
  const mark = join(modules, ".package-lock.installed");
  if (!existsSync(mark)) return [wrong("npm packages weren't installed to the end, or not by make", cure)];
  const same = readFileSync(mark).equals(readFileSync(join(root, "package-lock.json")));
  return [
    same
      ? right("installed as package-lock.json has them")
      : wrong("npm packages are of another package-lock.json", cure),
  ];
}
