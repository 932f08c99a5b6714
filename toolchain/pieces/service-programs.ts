import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { keyOf, platform } from "../cache/key.ts";
import { Fault, Unavailable } from "../fault.ts";
import type { ServicePin } from "../pins.ts";
import { run } from "../process.ts";
import { downloadPackages } from "../sources/debian.ts";
import { isOlder } from "../sources/go.ts";
import { copyTool, findOnPath } from "../sources/on-path.ts";
import type { Recipe } from "./parts.ts";
import type { Piece, Work } from "./piece.ts";
import type { VICTORIA_LOGS } from "./victoria-logs.ts";

/** Programs of services that Debian has, by the names that they have themselves. */
export const SERVICE_PROGRAMS = ["prometheus", "alertmanager", "node_exporter", "postgres_exporter"] as const;
export type ServiceProgram = (typeof SERVICE_PROGRAMS)[number] | typeof VICTORIA_LOGS;
type DebianProgram = (typeof SERVICE_PROGRAMS)[number];

/** What Debian calls a program, and what its package needs beside the C library. */
const DEBIAN: Readonly<Record<DebianProgram, { readonly file: string; readonly packages: readonly string[] }>> = {
  prometheus: {
    file: "prometheus",
    // Of its pages.
    packages: [
      "prometheus",
      "fonts-glyphicons-halflings",
      "libjs-bootstrap4",
      "libjs-eonasdan-bootstrap-datetimepicker",
      "libjs-jquery",
      "libjs-jquery-hotkeys",
      "libjs-moment",
      "libjs-moment-timezone",
      "libjs-mustache",
      "libjs-popper.js",
      "libjs-rickshaw",
      "libjs-d3",
    ],
  },
  alertmanager: { file: "prometheus-alertmanager", packages: ["prometheus-alertmanager"] },
  node_exporter: { file: "prometheus-node-exporter", packages: ["prometheus-node-exporter"] },
  postgres_exporter: { file: "prometheus-postgres-exporter", packages: ["prometheus-postgres-exporter"] },
};

/** Of the packages: 200 MB are time zones in each of their versions. */
const UNUSED = ["etc", "lib", "var", "usr/share/doc", "usr/share/man", "usr/share/javascript/moment-timezone/data"];

/** The pages of Debian's Prometheus, from the piece's folder; another one has them in itself. */
const PROMETHEUS_PAGES = join("usr", "share", "prometheus", "web");

/** Changes with what is done to the packages here, so that what was made before is made anew. */
const TREATMENT = "menus";

/**
 * Programs of services in one folder, each `bin/<name>`: those on PATH of the pinned version or a later one, the others
 * out of Debian's packages, unpacked and not installed. `bucketworks services up` alone asks for them.
 */
export function servicePrograms(names: readonly DebianProgram[], recipe: Recipe): Piece {
  const pins = names.map((name) => [name, recipe.pins.services[name]] as const);
  const key = [platform(), recipe.mode, ...pins.map(([name, pin]) => `${name} ${pin.version}`)];
  return {
    name: names.length === 1 ? `service-${names[0]}` : "services",
    version: pins.map(([, { version }]) => version).join("-"),
    key: keyOf(["services", TREATMENT, ...key]),
    fill: async (folder, work) => {
      mkdirSync(join(folder, "bin"));
      const lacking: DebianProgram[] = [];
      for (const [name, pin] of pins) {
        const why = recipe.mode === "build" ? "not looked for on PATH" : await fromPath(name, pin, folder, work);
        if (why === undefined) continue;
        lacking.push(name);
        work.say(`${name} ${pin.version}: ${why}; out of Debian's package`);
      }
      if (lacking.length === 0) return "found on PATH";
      await fromDebian(lacking, folder, work);
      for (const name of lacking) await requireVersion(name, recipe.pins.services[name], folder, work);
      return lacking.length === names.length ? "Debian packages" : "PATH and Debian packages";
    },
  };
}

/** @returns why the one on PATH isn't taken; undefined where it is */
async function fromPath(
  name: DebianProgram,
  { version }: ServicePin,
  folder: string,
  work: Work,
): Promise<string | undefined> {
  const file = findOnPath(name) ?? findOnPath(DEBIAN[name].file);
  if (file === undefined) return "none on PATH";
  const found = await versionOf(file, work);
  if (found === undefined || isOlder(found, version)) return `the one on PATH is ${found ?? "another program"}`;
  copyTool(file, join(folder, "bin"), name);
  return undefined;
}

async function fromDebian(names: readonly DebianProgram[], folder: string, work: Work): Promise<void> {
  try {
    await downloadPackages(
      names.flatMap((name) => DEBIAN[name].packages),
      folder,
      work,
    );
  } catch (error) {
    if (error instanceof Unavailable) throw new Fault(error.message);
    throw error;
  }
  for (const name of names) symlinkSync(join("..", "usr", "bin", DEBIAN[name].file), join(folder, "bin", name));
  if (names.includes("alertmanager")) relocate(join(folder, "usr", "bin", DEBIAN.alertmanager.file));
  for (const unused of UNUSED) rmSync(join(folder, unused), { recursive: true, force: true });
  if (!existsSync(join(folder, PROMETHEUS_PAGES))) return;
  keepLinksInside(join(folder, "usr"), folder);
  haveMenus(join(folder, PROMETHEUS_PAGES, "static", "popper.js"));
}

/** Its pages ask for Popper as a script and Debian 12 gives them the module, so that their menus don't open: the script lies beside it. */
function haveMenus(popper: string): void {
  const script = join(popper, "umd");
  if (!existsSync(script)) return;
  const target = relative(dirname(popper), realpathSync(script));
  rmSync(popper);
  symlinkSync(target, popper);
}

/**
 * Debian's Alertmanager reads its templates from one fixed place. The same path without its first slash, and as long, leads
 * to the same place below the folder that it is started in.
 */
function relocate(file: string): void {
  const [fixed, relative] = ["/usr/share/prometheus/alertmanager", "usr/share/prometheus//alertmanager"];
  const bytes = readFileSync(file);
  const places: number[] = [];
  for (let at = bytes.indexOf(fixed); at >= 0; at = bytes.indexOf(fixed, at + 1)) places.push(at);
  if (places.length === 0) throw new Fault(`alertmanager: Debian's package is another than is known; put one on PATH`);
  for (const at of places) bytes.write(relative, at, "latin1");
  writeFileSync(file, bytes);
}

/** Debian's links name places below `/`: here they lead to the same places below the folder. */
function keepLinksInside(place: string, folder: string): void {
  for (const name of readdirSync(place, { recursive: true, encoding: "utf8" })) {
    const link = join(place, name);
    if (!lstatSync(link).isSymbolicLink()) continue;
    const target = readlinkSync(link);
    if (!isAbsolute(target)) continue;
    rmSync(link);
    symlinkSync(relative(dirname(link), join(folder, target)), link);
  }
}

async function requireVersion(name: DebianProgram, { version }: ServicePin, folder: string, work: Work): Promise<void> {
  const found = await versionOf(join(folder, "bin", name), work);
  if (found !== undefined && !isOlder(found, version)) return;
  throw new Fault(
    `${name}: Debian's package here is ${found ?? "no program that runs"}, needed is ${version} or later; put one on PATH`,
  );
}

/** The first line is `prometheus, version 2.42.0+ds (branch: ...`. */
async function versionOf(file: string, work: Work): Promise<string | undefined> {
  const { stdout, stderr } = await run(file, ["--version"], { limitMs: 20_000, signal: work.signal });
  return /^(?:prometheus|alertmanager|node_exporter|postgres_exporter), version (\d+\.\d+\.\d+)/m.exec(
    stdout || stderr,
  )?.[1];
}
