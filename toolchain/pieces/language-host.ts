import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folderParts, keyOf } from "../key.ts";
import { mustRun } from "../process.ts";
import type { Recipe } from "./parts.ts";
import type { Piece } from "./piece.ts";

/** Of the SDK the host needs the wire formats alone; programs bring the SDK they run with. */
const SDK = "@pulumi/pulumi";
const ROOTS = ["@grpc/grpc-js", "google-protobuf"];

/** Our Node language host with the few packages it loads, for a CLI that came without one. */
export function languageHost(recipe: Recipe): Piece {
  const own = join(recipe.toolchain, "offline/language-host");
  return {
    name: "language-host",
    version: recipe.pins.pulumi.version,
    key: keyOf(["language-host", ...folderParts(own)]),
    fill: async (folder, work) => {
      for (const name of ["package.json", "package-lock.json"]) cpSync(join(own, name), join(work.scratch, name));
      await mustRun("language-host", "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
        cwd: work.scratch,
        signal: work.signal,
        env: process.env,
      });
      cpSync(own, folder, { recursive: true, filter: (file) => !file.includes("node_modules") });
      const modules = join(work.scratch, "node_modules");
      for (const name of closure(modules, ROOTS)) copyPackage(modules, folder, name);
      for (const part of ["package.json", "proto"]) {
        cpSync(join(modules, SDK, part), join(folder, "node_modules", SDK, part), { recursive: true });
      }
      return "npm";
    },
  };
}

function copyPackage(modules: string, folder: string, name: string): void {
  cpSync(join(modules, name), join(folder, "node_modules", name), {
    recursive: true,
    filter: (file) => !/\.(d\.ts|map|md)$/.test(file),
  });
}

/** The packages reachable from `roots`; npm has hoisted all of them to the top. */
function closure(modules: string, roots: readonly string[]): Set<string> {
  const found = new Set<string>();
  const queue = [...roots];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const file = join(modules, name, "package.json");
    if (found.has(name) || !existsSync(file)) continue;
    found.add(name);
    const { dependencies = {} } = JSON.parse(readFileSync(file, "utf8")) as { dependencies?: Record<string, string> };
    queue.push(...Object.keys(dependencies));
  }
  return found;
}
