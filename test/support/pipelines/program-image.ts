import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { homeOf } from "../../../builders/kubernetes/workloads-image.ts";
import { copyLibraries } from "../images/program.ts";
import type { TestCluster } from "../kubernetes/cluster.ts";
import { findParts } from "../kubernetes/parts.ts";
import { ROOT } from "../toolchain.ts";
import { addPython, askPython, modulesIn, VENV } from "./machine-python.ts";

const PIPELINES = join(ROOT, "pipelines");
/** As the Dockerfiles have it. */
const ENVIRONMENT = "/opt/pipeline";

/** Modules of what runs in the cluster, and what is started where nothing else is said. */
const LOADS = {
  cybersec: { modules: ["pipeline.ingestion.cli"], starts: ["ingest"] },
  mlops: {
    modules: [
      "models.identity_masker.texts",
      "skops.io",
      "pipeline_mlops.training.cli",
      "pipeline_mlops.training.data",
      "pipeline_mlops.training.training",
    ]
      .concat(["cli", "app", "patience", "loading", "registry"].map((name) => `pipeline_mlops.serving.${name}`))
      .concat(["uvicorn", "uvloop"]),
    starts: ["model-api", "serve"],
  },
} as const;
/** Where mlops has the configuration of its models. */
const CONFIGS = "/etc/mlops/configs";

type Loaded = keyof typeof LOADS;

/** The image of a data program in the test cluster. */
export function programImage(name: Loaded): string {
  return `localhost/${name}:test`;
}

/**
 * Puts the image into the cluster: this machine's Python, of the packages that are installed here those that the program
 * loads, and our own sources that .dockerignore lets in, all in the places that the Dockerfile has.
 */
export function loadProgramImage(cluster: TestCluster, name: Loaded): Promise<void> {
  const home = homeOf(name);
  const config = {
    Cmd: LOADS[name].starts,
    Env: [`PATH=${ENVIRONMENT}/bin:/bin`, `HOME=${home}`, "PYTHONDONTWRITEBYTECODE=1", `MODEL_CONFIGS=${CONFIGS}`],
    User: "1000:1000",
    WorkingDir: home,
  };
  return cluster.imageOfRun(programImage(name), config, (root) => {
    for (const folder of ["bin", "tmp", home]) mkdirSync(join(root, folder));
    for (const folder of ["tmp", home]) chmodSync(join(root, folder), 0o1777);
    copyFileSync(join(findParts()?.packages ?? "", "bin/busybox"), join(root, "bin/busybox"));
    symlinkSync("busybox", join(root, "bin/sh"));
    const version = addPython(root);
    if (name === "mlops") cpSync(join(PIPELINES, name, "configs"), join(root, CONFIGS), { recursive: true });
    copyLibraries(modulesIn(addPackages(name, root, version)), root);
  });
}

/**
 * Files of what a program loads, as they lie below the folder of all packages: of the distributions that its requirements.txt
 * names and of ours. The image in full is three times as large.
 */
const LOADED = `
import importlib, json, re, sys
from importlib.metadata import distribution, packages_distributions
modules, *may_have = sys.argv[1:]
for module in modules.split(): importlib.import_module(module)
known = packages_distributions()
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
loaded = {plain(each) for name in list(sys.modules) for each in known.get(name.split(".")[0], [])}
print(json.dumps([str(file) for name in sorted(loaded & set(may_have)) for file in distribution(name).files]))`;
/** Files of a platform's package, among them its scripts, and of what all share. */
const OURS = `
import json, sys
from importlib.metadata import distribution
print(json.dumps([str(file) for name in sys.argv[1:] for file in distribution(name).files]))`;
const LEFT_OUT = /^\.\.|\.(?:pth|pyc)$|\/(?:tests|include)\//;
const TO_BIN = "../../../bin/";

/** The environment of one program; answers the folder of its packages. */
function addPackages(name: Loaded, root: string, version: string): string {
  const requirements = readFileSync(join(PIPELINES, name, "requirements.txt"), "utf8");
  const pinned = [...requirements.matchAll(/^([\w.-]+)==/gm)].map(([, each = ""]) => each);
  const packages = `lib/${version}/site-packages`;
  const [bin, to] = [join(root, ENVIRONMENT, "bin"), join(root, ENVIRONMENT, packages)];
  for (const folder of [bin, to]) mkdirSync(folder, { recursive: true });
  const ours = askPython(OURS, `${name}-pipeline`, "pipeline-shared");
  const files = [...askPython(LOADED, LOADS[name].modules.join(" "), ...pinned), ...ours].filter(
    (file) => !LEFT_OUT.test(file),
  );
  const copy = 'tar -C "$1" --warning=no-file-changed --no-recursion -T - -cf - | tar -C "$2" -xf -';
  execFileSync("sh", ["-c", copy, "sh", join(VENV, packages), to], { input: files.join("\n") });
  for (const path of sourcesOf(name)) cpSync(path, join(to, basename(path)), { recursive: true });
  for (const script of ours.filter((file) => file.startsWith(TO_BIN)).map((file) => basename(file))) {
    const text = readFileSync(join(VENV, "bin", script), "utf8");
    writeFileSync(join(bin, script), text.replace(/^#!.*/, `#!${ENVIRONMENT}/bin/python`), { mode: 0o755 });
  }
  symlinkSync(`/usr/local/bin/${version}`, join(bin, "python"));
  writeFileSync(join(root, ENVIRONMENT, "pyvenv.cfg"), "home = /usr/local/bin\n");
  return to;
}

/** Folders of modules that the image takes, by the one list there is. */
function sourcesOf(name: Loaded): string[] {
  const lines = readFileSync(join(PIPELINES, ".dockerignore"), "utf8").split("\n");
  const taken = lines.filter((line) => line.startsWith(`!${name}/`) || line.startsWith("!shared/"));
  const folders = taken.map((line) => join(PIPELINES, line.slice(1))).filter((path) => statSync(path).isDirectory());
  // Modules of one package stand below src/, those of the others beside its settings.
  const inside = (path: string): string[] => readdirSync(path).map((each) => join(path, each));
  return folders
    .flatMap((path) => (basename(path) === "src" ? inside(path) : [path]))
    .filter((path) => !path.endsWith("configs"));
}
