import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Lockfile {
  packages?: Record<string, { version?: string }>;
}

interface PackageFile {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

function readJson<T>(file: string): T | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T) : undefined;
}

/** The npm packages of a program with their installed versions; what `pulumi about` lists. Direct ones unless `transitive`. */
export function dependencies(folder: string, transitive: boolean): Map<string, string> {
  const found = new Map<string, string>();
  if (transitive) {
    const lock = readJson<Lockfile>(join(folder, "package-lock.json"));
    for (const [path, { version }] of Object.entries(lock?.packages ?? {})) {
      if (path !== "" && version) found.set(path.replace(/^.*node_modules\//, ""), version);
    }
    return found;
  }
  const own = readJson<PackageFile>(join(folder, "package.json"));
  for (const name of Object.keys({ ...own?.dependencies, ...own?.devDependencies })) {
    const version = readJson<PackageFile>(join(folder, "node_modules", name, "package.json"))?.version;
    if (version) found.set(name, version);
  }
  return found;
}
