import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { copyLibraries } from "../images/program.ts";
import type { TestCluster } from "../kubernetes/cluster.ts";
import { ROOT } from "../toolchain.ts";
import { addPython, modulesIn } from "./machine-python.ts";

/** The server of MLflow in the test cluster. */
export const MLFLOW_IMAGE = "localhost/mlflow-server:test";

const HOME = "/pipeline-mlflow-server";
const ENVIRONMENT = "/opt/pipeline";
const SOURCES = "/opt/mlflow-server";
/** Packages that the server starts without: two thirds of the environment. */
const UNUSED = ["pyarrow", "scipy", "scipy.libs", "sklearn", "matplotlib", "PIL", "pillow.libs", "fontTools"];

/** Puts the image into the cluster, made of this machine's Python and of what `make mlflow-server` installed, as the Dockerfile has it. */
export function loadMlflowImage(cluster: TestCluster): Promise<void> {
  const config = {
    Entrypoint: ["python", `${SOURCES}/serve.py`],
    Env: [
      `PATH=${ENVIRONMENT}/bin`,
      `HOME=${HOME}`,
      `TMPDIR=${HOME}`,
      "PYTHONDONTWRITEBYTECODE=1",
      "PYTHONUNBUFFERED=1",
    ],
    User: "1000:1000",
    WorkingDir: HOME,
  };
  return cluster.imageOfRun(MLFLOW_IMAGE, config, (root) => {
    for (const folder of ["tmp", HOME]) {
      mkdirSync(join(root, folder));
      chmodSync(join(root, folder), 0o1777);
    }
    const version = addPython(root);
    const packages = `lib/${version}/site-packages`;
    const [bin, to] = [join(root, ENVIRONMENT, "bin"), join(root, ENVIRONMENT, packages)];
    for (const folder of [bin, to]) mkdirSync(folder, { recursive: true });
    const from = join(ROOT, ".bucketworks/pipelines/mlflow-server", packages);
    const unused = [...UNUSED, "*/tests", "*/__pycache__"].flatMap((name) => ["--exclude", `./${name}`]);
    const copy = 'from=$1 to=$2; shift 2; tar -C "$from" "$@" -cf - . | tar -C "$to" -xf -';
    execFileSync("sh", ["-c", copy, "sh", from, to, ...unused]);
    symlinkSync(`/usr/local/bin/${version}`, join(bin, "python"));
    writeFileSync(join(root, ENVIRONMENT, "pyvenv.cfg"), "home = /usr/local/bin\n");
    copySources(root);
    copyLibraries(modulesIn(to), root);
  });
}

/** Our own sources, as the Dockerfile copies them. */
function copySources(root: string): void {
  const context = join(ROOT, "pipelines");
  const dockerfile = readFileSync(join(context, "mlflow-server/Dockerfile"), "utf8");
  for (const [, from = "", to = ""] of dockerfile.matchAll(/^COPY (.+) (\S+)$/gm)) {
    mkdirSync(join(root, to), { recursive: true });
    for (const file of from.split(" ").flatMap((pattern) => globSync(pattern, { cwd: context })))
      copyFileSync(join(context, file), join(root, to, basename(file)));
  }
}
