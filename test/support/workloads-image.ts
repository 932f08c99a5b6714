import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { keyOf, platform } from "../../toolchain/cache/key.ts";
import { ensure } from "../../toolchain/ensure.ts";
import { mustRun } from "../../toolchain/process.ts";
import { IMAGES } from "./images/packages.ts";
import { copyProgram } from "./images/program.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { ROOT, tool } from "./toolchain.ts";

/** Image in which `bucketworks <command>` runs, as images/workloads/Dockerfile makes it. */
export const WORKLOADS_IMAGE = "localhost/bucketworks-workloads:test";

/** Places inside the image, as the Dockerfile has them. */
export const WORKLOADS = {
  project: "/opt/bucketworks",
  home: "/home/bucketworks",
  node: "/usr/local/bin/node",
} as const;

const INSTALL = "images/workloads/install-packages.sh";

/** Puts the image into the cluster: this checkout's sources and packages, the toolchain's Node and its libraries. */
export function loadWorkloadsImage(cluster: TestCluster): Promise<void> {
  const config = {
    Entrypoint: [WORKLOADS.node, `${WORKLOADS.project}/cli/main.ts`],
    Env: ["PATH=/usr/local/bin", `HOME=${WORKLOADS.home}`, `TMPDIR=${WORKLOADS.home}`],
    User: "1000:1000",
    WorkingDir: WORKLOADS.project,
  };
  return cluster.imageOfRun(WORKLOADS_IMAGE, config, fillWorkloads);
}

/** Fills an empty folder with what the image holds. */
export async function fillWorkloads(root: string): Promise<void> {
  const project = join(root, WORKLOADS.project);
  for (const name of imageSources()) cpSync(join(ROOT, name), join(project, name), { recursive: true });
  cpSync(join(await packages(), "node_modules"), join(project, "node_modules"), { recursive: true });
  copyProgram(tool("node"), root, WORKLOADS.node);
  execFileSync("chmod", ["-R", "a+rX", root]);
  const home = join(root, WORKLOADS.home);
  mkdirSync(home, { recursive: true });
  chmodSync(home, 0o1777);
}

/** Files and folders of the checkout that the image holds, by the one list there is: .dockerignore. */
export function imageSources(): string[] {
  const lines = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
  return lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
}

/** The packages of the image, installed once for each package-lock.json; answers their folder. */
async function packages(): Promise<string> {
  const files = ["package.json", "package-lock.json", ".npmrc", INSTALL];
  const key = keyOf([platform(), ...files.map((name) => readFileSync(join(ROOT, name), "utf8"))]);
  const piece = {
    name: "workloads-packages",
    version: "node_modules",
    key,
    fill: async (folder: string) => {
      for (const name of files) cpSync(join(ROOT, name), join(folder, name));
      await mustRun("packages of the workloads image", "sh", [INSTALL], { cwd: folder });
      return "npm";
    },
  };
  const say = () => undefined;
  return ensure(piece, { folder: IMAGES, signal: new AbortController().signal, thorough: false, say });
}
