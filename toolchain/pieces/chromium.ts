import { chmodSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { keyOf, platform } from "../cache/key.ts";
import { Fault } from "../fault.ts";
import { run } from "../process.ts";
import { distribution, downloadPackages } from "../sources/debian.ts";
import { filesOnPath } from "../sources/on-path.ts";
import type { Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";

/** Names of browsers that will do. */
const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
/** Debian's Chromium without windows, and the files that it reads. */
const PACKAGES = ["chromium-headless-shell", "chromium-common"];
/** The starter in the piece's folder. */
export const CHROMIUM_FILE = "chromium";

/**
 * A browser on PATH that is new enough. It is used where it is: no copy of it would have its files.
 * @returns its path; undefined where there is none
 */
export async function chromiumOnPath({ pins, mode }: Recipe, signal: AbortSignal): Promise<string | undefined> {
  if (mode === "build") return undefined;
  for (const file of NAMES.flatMap((name) => filesOnPath(name)))
    if (((await majorOf(file, signal)) ?? 0) >= Number(pins.chromium.version)) return file;
  return undefined;
}

/** Debian's Chromium, unpacked and not installed, with those libraries that the machine lacks. Tests of pages alone need it. */
export function chromium({ pins, mode }: Recipe): Piece {
  const release = distribution();
  return {
    name: "chromium",
    version: release,
    key: keyOf(["chromium", platform(), release, mode, pins.chromium.version, ...PACKAGES]),
    fill: async (folder, work) => {
      await unpack(folder, work);
      for (const unused of ["usr/share/doc", "usr/share/man", "usr/lib/chromium/libVkLayer_khronos_validation.so"])
        rmSync(join(folder, unused), { recursive: true, force: true });
      writeStarter(folder);
      const found = await majorOf(join(folder, CHROMIUM_FILE), work.signal);
      if (found === undefined) throw new Fault(`chromium: Debian's doesn't start here; ${PUT}`);
      if (found < Number(pins.chromium.version))
        throw new Fault(`chromium: Debian's is ${found}, needed is ${pins.chromium.version} or later; ${PUT}`);
      return "Debian packages";
    },
  };
}

/**
 * The browser of a whole piece starts, also where libraries of the machine have gone since it was made.
 * @throws Fault saying what to do
 */
export async function requireStart(folder: string, signal: AbortSignal): Promise<void> {
  if ((await majorOf(join(folder, CHROMIUM_FILE), signal)) !== undefined) return;
  throw new Fault(`chromium: the one in ${folder} doesn't start; remove that folder and run make chromium, or ${PUT}`);
}

const PUT = "put Chromium or Chrome on PATH: tests open the pages of services in it";

async function unpack(folder: string, work: Work): Promise<void> {
  try {
    await downloadPackages(PACKAGES, folder, work, "with what they need");
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(`chromium: there is none on PATH, and Debian's package can't be had; ${PUT}\n${error.message}`);
  }
}

/** It finds its libraries wherever the piece lies, and fonts where the machine has no settings of them. */
function writeStarter(folder: string): void {
  const libraries = new Set(
    readdirSync(join(folder, "usr", "lib"), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.so(\.\d+)*$/.test(name) && !name.startsWith("chromium/"))
      .map((name) => `$here/usr/lib/${dirname(name)}`),
  );
  const lines = [
    "#!/bin/sh",
    `here=$(dirname "$(readlink -f "$0")")`,
    `[ -d /etc/fonts ] || export FONTCONFIG_PATH="$here/etc/fonts"`,
    `LD_LIBRARY_PATH="${[...libraries].sort().join(":")}" exec "$here/usr/lib/chromium/chromium-headless-shell" "$@"`,
  ];
  const file = join(folder, CHROMIUM_FILE);
  writeFileSync(file, `${lines.join("\n")}\n`);
  chmodSync(file, 0o755);
}

/** It says `Chromium 156.0.8078.108`, or `Google Chrome 156.0.8078.108`. */
async function majorOf(file: string, signal: AbortSignal): Promise<number | undefined> {
  const { stdout } = await run(file, ["--version"], { limitMs: 20_000, signal });
  const major = /^(?:Chromium|Google Chrome) (\d+)\./m.exec(stdout)?.[1];
  return major === undefined ? undefined : Number(major);
}
