import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { KUBERNETES_PLUGIN_FILE } from "./pieces/kubernetes-plugin.ts";
import { PLUGIN_FILE } from "./pieces/minio-plugin.ts";
import type { Pins } from "./pins.ts";

const UV = "uv";

/** The folders of whole pieces that deploy. */
export interface EnginePieces {
  readonly node: string;
  /** The folder with `pulumi` and its language host. */
  readonly cli: string;
  readonly minioPlugin: string;
  readonly kubernetesPlugin: string;
  readonly mc: string;
}

/** The folders of whole pieces that a checkout uses. */
export interface Pieces extends EnginePieces {
  readonly minio: string;
  /** What only `make check` needs; undefined leaves a link to it as it is. */
  readonly actionlint: string | undefined;
}

/**
 * Links the pieces into `.bucketworks` of a checkout: programs in `toolchain/bin`, the real CLI behind its wrapper in
 * `toolchain/lib`, the provider plugin in `pulumi-home`. Links that are right stay untouched.
 */
export function linkCheckout(root: string, pieces: Pieces, pins: Pins): void {
  const bin = join(root, ".bucketworks", "toolchain", "bin");
  const linter = join(bin, "actionlint");
  const kept = [linter, join(bin, UV)];
  const links = {
    ...engineLinks(root, pieces, pins),
    [join(bin, "minio")]: join(pieces.minio, "minio"),
    ...(pieces.actionlint !== undefined && { [linter]: join(pieces.actionlint, "actionlint") }),
  };
  mkdirSync(join(root, ".bucketworks"), { recursive: true, mode: 0o700 });
  for (const [link, target] of Object.entries(links)) place(link, target);
  withoutLogs(root);
  for (const name of readdirSync(bin)) {
    if (!(join(bin, name) in links) && !kept.includes(join(bin, name))) rmSync(join(bin, name), { force: true });
  }
}

/** As `linkCheckout`, of what deploys alone. */
export function linkEngine(root: string, pieces: EnginePieces, pins: Pins): void {
  mkdirSync(join(root, ".bucketworks"), { recursive: true, mode: 0o700 });
  for (const [link, target] of Object.entries(engineLinks(root, pieces, pins))) place(link, target);
  withoutLogs(root);
}

function engineLinks(root: string, pieces: EnginePieces, pins: Pins): Record<string, string> {
  const own = join(root, ".bucketworks");
  const bin = join(own, "toolchain", "bin");
  const plugins = join(own, "pulumi-home", "plugins");
  return {
    [join(bin, "node")]: join(pieces.node, "bin", "node"),
    [join(bin, "mc")]: join(pieces.mc, "mc"),
    [join(bin, "pulumi")]: join(root, "toolchain", "bin", "pulumi"),
    [join(bin, "bucketworks")]: join(root, "bin", "bucketworks"),
    [join(own, "toolchain", "lib", "pulumi")]: join(pieces.cli, "pulumi"),
    [join(plugins, `resource-minio-v${pins.minioPlugin.version}`, PLUGIN_FILE)]: join(pieces.minioPlugin, PLUGIN_FILE),
    [join(plugins, `resource-kubernetes-v${pins.kubernetesPlugin.version}`, KUBERNETES_PLUGIN_FILE)]: join(
      pieces.kubernetesPlugin,
      KUBERNETES_PLUGIN_FILE,
    ),
  };
}

/** The folders of whole pieces that a node of the test cluster is made of. */
export interface NodePieces {
  readonly kubernetes: string;
  readonly coredns: string;
  readonly packages: string;
  readonly rollouts: string;
}

/** Links the pieces of a Kubernetes node into `.bucketworks/toolchain/kubernetes` of a checkout, by their names. */
export function linkNode(root: string, pieces: NodePieces): void {
  const folder = join(root, ".bucketworks", "toolchain", "kubernetes");
  for (const [name, target] of Object.entries(pieces)) place(join(folder, name), target);
}

/** Links the checker of Prometheus's rules into `.bucketworks/toolchain/promtool` of a checkout. */
export function linkRuleChecker(root: string, folder: string): void {
  place(join(root, ".bucketworks", "toolchain", "promtool"), folder);
}

/** Links the reader of compose.yaml into `.bucketworks/toolchain/compose-config` of a checkout. */
export function linkComposeConfig(root: string, folder: string): void {
  place(join(root, ".bucketworks", "toolchain", "compose-config"), folder);
}

/** Links what the bench compares with into `.bucketworks/toolchain/terraform` of a checkout. */
export function linkTerraform(root: string, pieces: { readonly opentofu: string; readonly provider: string }): void {
  const folder = join(root, ".bucketworks", "toolchain", "terraform");
  for (const [name, target] of Object.entries(pieces)) place(join(folder, name), target);
}

/** Links programs of services into `.bucketworks/toolchain/services` of a checkout, each the folder it came in. */
export function linkServices(root: string, folders: Readonly<Record<string, string>>): void {
  for (const [name, folder] of Object.entries(folders))
    place(join(root, ".bucketworks", "toolchain", "services", name), folder);
}

/** Links the browser of tests into `.bucketworks/toolchain/chromium` of a checkout. */
export function linkChromium(root: string, file: string): void {
  place(join(root, ".bucketworks", "toolchain", "chromium"), file);
}

/** Puts uv among the programs of a checkout. */
export function linkUv(root: string, folder: string): void {
  place(join(root, ".bucketworks", "toolchain", "bin", UV), join(folder, UV));
}

const NO_LOGS = `A file in the place of Pulumi's folder: the CLI keeps no log of each run, for which it has no switch. A log held what every
resource is, 5 MB for a thousand of them, and took a sixth of a preview's processor time (docs/adr/0064-what-a-resource-costs.md).
What the engine does: pulumi preview --logtostderr -v=9 2>engine.log
`;

/** Has the CLI keep no logs of its own for Pulumi's support, by a file where it would make their folder. */
function withoutLogs(root: string): void {
  const logs = join(root, ".bucketworks", "pulumi-home", "logs");
  if (lstatSync(logs, { throwIfNoEntry: false })?.isFile()) return;
  rmSync(logs, { recursive: true, force: true });
  writeFileSync(logs, NO_LOGS);
}

function place(link: string, target: string): void {
  const found = lstatSync(link, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() && readlinkSync(link) === target) return;
  mkdirSync(dirname(link), { recursive: true });
  const temporary = `${link}.${process.pid}`;
  symlinkSync(target, temporary);
  renameSync(temporary, link);
}
