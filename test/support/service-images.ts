import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { copyProgram } from "./images/program.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { ROOT } from "./toolchain.ts";

const PROGRAMS = ["prometheus", "alertmanager"] as const;

/** The images of the programs that other people make, by their names. */
export const SERVICE_IMAGES = {
  prometheus: "localhost/prometheus:test",
  alertmanager: "localhost/alertmanager:test",
} as const;

/** Puts Prometheus and Alertmanager into the cluster, as `make services` has them, laid out as the official images are. */
export async function loadServiceImages(cluster: TestCluster): Promise<void> {
  const asked = PROGRAMS.flatMap((name) => ["--service", name]);
  execFileSync("sh", [join(ROOT, "toolchain/bootstrap.sh"), "--quiet", ...asked], { cwd: ROOT });
  for (const name of PROGRAMS) {
    const config = { Entrypoint: [`/bin/${name}`], Env: ["PATH=/bin"], User: "65534:65534", WorkingDir: "/" };
    await cluster.imageOfRun(SERVICE_IMAGES[name], config, (root) => {
      const from = join(ROOT, ".bucketworks/toolchain/services", name);
      mkdirSync(join(root, "tmp"));
      copyProgram(join(from, "bin", name), root, `bin/${name}`);
      // Templates and pages of Debian's package; another program has them in itself.
      const shared = "usr/share/prometheus";
      if (existsSync(join(from, shared, name)))
        cpSync(join(from, shared, name), join(root, shared, name), { recursive: true });
    });
  }
}
