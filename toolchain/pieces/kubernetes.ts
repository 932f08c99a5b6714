import { join } from "node:path";
import { Fault } from "../fault.ts";
import { run } from "../process.ts";
import { buildGo } from "../sources/go.ts";
import { goKey, type Recipe } from "./parts.ts";
import type { Piece } from "./piece.ts";

/** What runs on a node of the test cluster, and the client. */
const PROGRAMS = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
  "kubectl",
] as const;

/** The packages that hold what a binary says of its own version. */
const VERSION_PACKAGES = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"];

/** The programs of a Kubernetes node, built from the Go module: the project serves no binaries through registries. */
export function kubernetes(recipe: Recipe): Piece {
  const { module, version } = recipe.pins.kubernetes;
  const [major = "", minor = ""] = version.slice(1).split(".");
  const stamps = Object.fromEntries(
    VERSION_PACKAGES.flatMap((name) => [
      [`${name}.gitVersion`, version],
      [`${name}.gitMajor`, major],
      [`${name}.gitMinor`, minor],
    ]),
  );
  return {
    name: "kubernetes",
    version,
    key: goKey(recipe, "kubernetes", recipe.pins.kubernetes, [...PROGRAMS, ...Object.keys(stamps)]),
    fill: async (folder, work) => {
      const source = join(recipe.toolchain, "go", "kubernetes");
      for (const name of PROGRAMS) {
        work.say(`building ${name}`);
        await buildGo({ folder: source, target: `${module}/cmd/${name}`, stamps, output: join(folder, name) }, work);
      }
      const { stdout } = await run(join(folder, "kubelet"), ["--version"], { limitMs: 20_000, signal: work.signal });
      if (stdout.trim() !== `Kubernetes ${version}`)
        throw new Fault(`kubernetes: the kubelet that was built reports ${stdout.trim() || "nothing"}, not ${version}`);
      return "built from its Go module";
    },
  };
}
