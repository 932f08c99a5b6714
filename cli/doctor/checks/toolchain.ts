import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { inspect } from "../../../toolchain/cache/entry.ts";
import { type Pins, readPins, releaseTag } from "../../../toolchain/pins.ts";
import { note, type Place, right, type Seen, wrong } from "../finding.ts";

/** A program of the toolchain: where the checkout links it, and what the name of its folder in the cache may begin with. */
interface Program {
  readonly name: string;
  readonly link: string;
  readonly entries: (pins: Pins) => readonly string[];
}

const PROGRAMS: readonly Program[] = [
  { name: "node", link: "bin/node", entries: ({ node }) => [`node-${node}-`] },
  {
    name: "pulumi",
    link: "lib/pulumi",
    entries: ({ pulumi }) => [`cli-${pulumi.version}-`, `pulumi-${pulumi.version}-`],
  },
  { name: "mc", link: "bin/mc", entries: ({ mc }) => [`mc-${releaseTag(mc.version).tag}-`] },
  {
    name: "minio",
    link: "bin/minio",
    entries: ({ silo, minio }) => [`minio-${silo.release}-`, `minio-${releaseTag(minio.version).tag}-`],
  },
];
const MAKE = "make toolchain";
const MAKE_AGAIN = "make toolchain VERIFY=1";

/** The programs that this checkout works with: those of the pins, and as they were made. Needs no package of npm. */
export async function lookAtToolchain({ root }: Place): Promise<Seen[]> {
  const pins = readPins(join(root, "toolchain"));
  const seen = await Promise.all(PROGRAMS.map((program) => lookAt(program, root, pins)));
  const faults = seen.flatMap((one) => (typeof one === "string" ? [] : [one]));
  const whole = seen.filter((one) => typeof one === "string");
  return [
    ...(whole.length > 0 ? [right(`whole, and as pinned: ${whole.join(", ")}`)] : []),
    ...faults,
    ...ownNode(pins),
  ];
}

/** @returns the program's name and version where nothing is wrong with it */
async function lookAt({ name, link, entries }: Program, root: string, pins: Pins): Promise<string | Seen> {
  const file = join(root, ".bucketworks", "toolchain", link);
  if (!existsSync(file)) return wrong(`${name} isn't there: ${file}`, MAKE);
  const entry = cacheEntry(realpathSync(file));
  if (entry === undefined) return note(`${name} is one of this machine: ${realpathSync(file)}`);
  const folder = entry.slice(dirname(entry).length + 1);
  const expected = entries(pins);
  if (!expected.some((start) => folder.startsWith(start))) {
    return wrong(`${name} is ${folder}, pinned is ${expected.join("... or ")}...`, MAKE);
  }
  const state = await inspect(entry, false);
  if (state.kind !== "whole") {
    return wrong(`${name} is damaged: ${state.kind === "damaged" ? state.reason : "gone"} (${entry})`, MAKE_AGAIN);
  }
  return folder.replace(/-[0-9a-f]{12}$/, "");
}

/** The folder of the cache that a file lies in. */
function cacheEntry(file: string): string | undefined {
  for (let at = dirname(file); at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, "manifest.json"))) return at;
  }
  return undefined;
}

function ownNode(pins: Pins): Seen[] {
  const { node } = process.versions;
  return node === pins.node ? [] : [note(`this runs on Node ${node}; ${pins.node} is pinned`, MAKE)];
}
