/**
 * Makes the bundles that are missing or stale: one file where Node would read thousands. Each lies in a folder named by its
 * digest, so that a run that has begun goes on with its own. A record that is written last says what it was made of.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { keyOf } from "../cache/key.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { BUNDLES, type BundleRecord, digestOf, type FileMark, freshBundle, type Part, ROOT } from "./fresh.ts";
import { leaner } from "./leaner.ts";
import { leftOut, ownPlaces } from "./rewrites.ts";

const ENTRIES: Readonly<Record<Part, Readonly<Record<string, string>>>> = {
  program: { runner: "@pulumi/pulumi/cmd/run/index.js", program: "index.ts" },
  provider: { main: "provider/main.ts" },
  cli: { main: "cli/main.ts" },
};
/** Stand for all packages: npm writes the first at each installation. */
const PACKAGES = ["node_modules/.package-lock.json", "package-lock.json"];
/** Native, and not installed: pg asks for it. */
const ABSENT = ["pg-native"];
/** Bundles that are kept whatever their age. */
const KEPT = 2;
/** Older ones stay this long: a run that has begun reads parts of its own as it needs them. */
const KEPT_MS = 24 * 3600 * 1000;

async function build(part: Part): Promise<void> {
  const { rolldown } = await import("rolldown");
  const began = Date.now();
  const all = join(ROOT, BUNDLES);
  mkdirSync(all, { recursive: true });
  const draft = temporaryFolder(all, `draft-${part}-`);
  try {
    const plugins = [leftOut(), leaner(), ownPlaces(draft)];
    const bundle = await rolldown({
      cwd: ROOT,
      input: { ...ENTRIES[part] },
      platform: "node",
      external: ABSENT,
      plugins,
    });
    const names = { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" };
    // Names stay: an error is read by them.
    const { output } = await bundle.write({
      dir: draft,
      format: "esm",
      ...names,
      minify: { compress: false, mangle: false },
    });
    const sources = (await bundle.watchFiles).filter((file) => isOwn(file)).map((file) => relative(ROOT, file));
    await bundle.close();
    const made = output.map(({ fileName }) => fileName);
    const key = keyOf(made.sort().flatMap((name) => [name, readFileSync(join(draft, name), "utf8")]));
    const folder = join(BUNDLES, `${part}-${key}`);
    // One that is there already may be in use.
    if (!made.every((name) => isEqual(join(ROOT, folder, name), join(draft, name)))) {
      rmSync(join(ROOT, folder), { recursive: true, force: true });
      renameSync(draft, join(ROOT, folder));
    }
    const own = readdirSync(import.meta.dirname).map((name) => relative(ROOT, join(import.meta.dirname, name)));
    record(part, folder, [...sources, ...own, ...PACKAGES, ...made.map((name) => join(folder, name))], began);
    sweep(part);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Says of what a bundle was made. @throws where a source changed meanwhile */
function record(part: Part, folder: string, files: readonly string[], began: number): void {
  const marks = files.map((file): [string, FileMark] => {
    const path = join(ROOT, file);
    const { size, ctimeMs } = statSync(path);
    if (ctimeMs >= began && !file.startsWith(folder)) throw new Error(`${file} changed meanwhile`);
    return [file, [size, ctimeMs, digestOf(readFileSync(path))]];
  });
  const text = JSON.stringify({ folder, files: Object.fromEntries(marks) } satisfies BundleRecord);
  const path = join(ROOT, BUNDLES, `${part}.json`);
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}

function isEqual(path: string, other: string): boolean {
  return existsSync(path) && readFileSync(path).equals(readFileSync(other));
}

/** Removes bundles of a part that are neither new nor likely to be in use. */
function sweep(part: Part): void {
  const all = join(ROOT, BUNDLES);
  const made = (name: string) => statSync(join(all, name)).mtimeMs;
  const folders = readdirSync(all).filter((name) => name.startsWith(`${part}-`));
  const older = folders.sort((a, b) => made(b) - made(a)).slice(KEPT);
  const old = older.filter((name) => made(name) < Date.now() - KEPT_MS);
  for (const name of old) rmSync(join(all, name), { recursive: true, force: true });
}

function isOwn(file: string): boolean {
  return file.startsWith(ROOT) && !file.includes("node_modules");
}

/** The bundler's first reason with its place, in one line; its message begins with a count of them. */
function reasonOf(error: unknown): string {
  const text = stripVTControlCharacters(error instanceof Error ? error.message : String(error));
  const [first = "", second] = text.split("\n").filter((line) => line.trim() !== "");
  const place = /\[ *([^\s\]]+:\d+:\d+) *\]/.exec(text)?.[1];
  return `${place === undefined ? "" : `${place}: `}${(second ?? first).trim()}`;
}

for (const part of Object.keys(ENTRIES) as Part[]) {
  if (freshBundle(part) !== undefined) continue;
  try {
    await build(part);
  } catch (error) {
    // The sources run as well, only slower.
    process.stderr.write(`toolchain: no bundle of ${part}, its sources run instead: ${reasonOf(error)}\n`);
  }
}
