import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { Fault, Unavailable } from "../fault.ts";
import { run } from "../process.ts";
import { unpackOfficial } from "../sources/download.ts";
import { firstOf } from "../sources/first-of.ts";
import { buildGo } from "../sources/go.ts";
import { findOnPath } from "../sources/on-path.ts";
import { goKey, type Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";

const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
/** What a Node project needs of the official archive; the hosts of other languages stay out. */
const NEEDED = ["pulumi", "pulumi-language-nodejs"];
const WELCOME = ["pulumi-resource-pulumi-nodejs", "pulumi-analyzer-policy"];

/** The Pulumi CLI. Official parts bring their own Node language host; the built CLI gets ours (pieces/cli.ts). */
export function pulumi(recipe: Recipe): Piece {
  const { version } = recipe.pins.pulumi;
  return {
    name: "pulumi",
    version,
    key: goKey(recipe, "pulumi", recipe.pins.pulumi, [version, VERSION_VARIABLE]),
    fill: async (folder, work) => {
      const source = await firstOf(
        [
          { name: "found on PATH", kind: "official", fill: () => fromPath(version, folder, work) },
          { name: "downloaded", kind: "official", fill: () => fromArchive(recipe, folder, work) },
          { name: "built from its Go module", kind: "build", fill: () => fromModule(recipe, folder, work) },
        ],
        recipe.mode,
        folder,
        work,
      );
      const found = await pulumiVersion(join(folder, "pulumi"), work);
      if (found !== version)
        throw new Fault(`pulumi: the one ${source} reports ${found || "nothing"} instead of ${version}`);
      return source;
    },
  };
}

async function pulumiVersion(file: string, work: Work): Promise<string> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_HOME: work.scratch };
  return (await run(file, ["version"], { env, limitMs: 20_000, signal: work.signal })).stdout.trim();
}

async function fromPath(version: string, folder: string, work: Work): Promise<void> {
  const file = findOnPath("pulumi");
  if (!file || !existsSync(join(dirname(file), "pulumi-language-nodejs"))) throw new Unavailable("none on PATH");
  const found = await pulumiVersion(file, work);
  if (found !== version) throw new Unavailable(`the one on PATH is ${found}`);
  take(dirname(file), folder);
}

async function fromArchive(recipe: Recipe, folder: string, work: Work): Promise<void> {
  const { version } = recipe.pins.pulumi;
  const base = `${recipe.pulumiUrl}/releases/sdk`;
  const archive = {
    url: `${base}/pulumi-${version}-${process.platform}-${process.arch}.tar.gz`,
    checksums: `${base}/pulumi-${version.slice(1)}-checksums.txt`,
  };
  const unpacked = join(work.scratch, "unpacked");
  mkdirSync(unpacked);
  await unpackOfficial(archive, unpacked, work.scratch, work.signal);
  const inside = [join(unpacked, "pulumi"), join(unpacked, "pulumi", "bin")].find((candidate) =>
    existsSync(join(candidate, "pulumi-language-nodejs")),
  );
  if (!inside) throw new Fault(`${archive.url}: holds no pulumi-language-nodejs`);
  take(inside, folder);
}

function take(from: string, folder: string): void {
  for (const name of NEEDED) copyFileSync(join(from, name), join(folder, name));
  for (const name of WELCOME.filter((candidate) => existsSync(join(from, candidate)))) {
    copyFileSync(join(from, name), join(folder, name));
  }
}

async function fromModule(recipe: Recipe, folder: string, work: Work): Promise<void> {
  const { module, version } = recipe.pins.pulumi;
  const build = {
    folder: join(recipe.toolchain, "go", "pulumi"),
    target: `${module}/cmd/pulumi`,
    stamps: { [VERSION_VARIABLE]: version },
    output: join(folder, "pulumi"),
  };
  await buildGo(build, work);
}
