import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { copyLibraries } from "./images/program.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { findParts } from "./kubernetes/parts.ts";
import { addPython, modulesIn } from "./pipelines/machine-python.ts";
import { ROOT } from "./toolchain.ts";

/** Barman's programs, as pipelines/database-backup/Dockerfile has them. */
export const BACKUP_IMAGE = "localhost/database-backup:test";

const ENVIRONMENT = "/opt/pipeline";
const TOOLS = ["sh", "rm", "mv", "sleep"];
/** Of botocore, the services that Barman asks nothing of. */
const UNUSED = /botocore\/data\/(?!s3|sts|partitions|endpoints|sdk-default|_retry)[\w-]+$|__pycache__$/;

/** Puts it into the cluster: this machine's Python, and the packages that `bucketworks database` uses. */
export function loadBackupImage(cluster: TestCluster): Promise<void> {
  const config = {
    Env: [`PATH=${ENVIRONMENT}/bin:/bin`, "PYTHONDONTWRITEBYTECODE=1"],
    User: "999:999",
  };
  return cluster.imageOfRun(BACKUP_IMAGE, config, (root) => {
    execFileSync("sh", ["toolchain/pipelines.sh", "--database-backup"], { cwd: ROOT, stdio: "ignore" });
    for (const folder of ["bin", "tmp", `${ENVIRONMENT}/bin`]) mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(join(findParts()?.packages ?? "", "bin/busybox"), join(root, "bin/busybox"));
    for (const tool of TOOLS) symlinkSync("busybox", join(root, "bin", tool));
    const version = addPython(root);
    const packages = `lib/${version}/site-packages`;
    const from = join(ROOT, ".bucketworks/pipelines/database-backup", packages);
    cpSync(from, join(root, ENVIRONMENT, packages), { recursive: true, filter: (path) => !UNUSED.test(path) });
    copyLibraries(
      modulesIn(from).filter((file) => !basename(file).startsWith("lib")),
      root,
    );
    symlinkSync(`/usr/local/bin/${version}`, join(root, ENVIRONMENT, "bin/python"));
    writeFileSync(join(root, ENVIRONMENT, "pyvenv.cfg"), "home = /usr/local/bin\n");
  });
}
