import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { copyProgram } from "./images/program.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { ROOT, tool } from "./toolchain.ts";

const SERVICES = join(ROOT, ".bucketworks/toolchain/services");
const PROGRAMS = ["prometheus", "alertmanager", "postgres_exporter"] as const;

/** The images of the programs that other people make, by their names. */
export const SERVICE_IMAGES = {
  prometheus: "localhost/prometheus:test",
  alertmanager: "localhost/alertmanager:test",
  postgres_exporter: "localhost/postgres-exporter:test",
  logs: "localhost/victoria-logs:test",
  /** A program of ours that looks at what Grafana would find. */
  grafana: "localhost/grafana-stand-in:test",
} as const;

/** Puts what services run into the cluster, as `make services` has it, laid out as the official images are. */
export async function loadServiceImages(cluster: TestCluster): Promise<void> {
  const asked = [...PROGRAMS, "victoria-logs"].flatMap((name) => ["--service", name]);
  execFileSync("sh", [join(ROOT, "toolchain/bootstrap.sh"), "--quiet", ...asked], { cwd: ROOT });
  for (const name of PROGRAMS) {
    const config = { Entrypoint: [`/bin/${name}`], Env: ["PATH=/bin"], User: "65534:65534", WorkingDir: "/" };
    await cluster.imageOfRun(SERVICE_IMAGES[name], config, (root) => {
      const from = join(SERVICES, name);
      mkdirSync(join(root, "tmp"));
      copyProgram(join(from, "bin", name), root, `bin/${name}`);
      // Templates and pages of Debian's package; another program has them in itself.
      const shared = "usr/share/prometheus";
      if (existsSync(join(from, shared, name)))
        cpSync(join(from, shared, name), join(root, shared, name), { recursive: true });
    });
  }
  await cluster.imageOfRun(SERVICE_IMAGES.logs, { Entrypoint: ["/victoria-logs-prod"], WorkingDir: "/" }, (root) => {
    mkdirSync(join(root, "tmp"));
    copyProgram(join(SERVICES, "victoria-logs/bin/victoria-logs"), root, "victoria-logs-prod");
  });
  await cluster.imageOfRun(SERVICE_IMAGES.grafana, { Entrypoint: ["/run.sh"], User: "472" }, (root) => {
    mkdirSync(join(root, "tmp"));
    for (const folder of ["datasources", "dashboards"])
      mkdirSync(join(root, "etc/grafana/provisioning", folder), { recursive: true });
    const program = join(root, "usr/share/grafana/bin/grafana");
    cpSync(join(ROOT, "test/support/images/grafana-stand-in.mjs"), program, { recursive: true });
    chmodSync(program, 0o755);
    copyProgram(tool("node"), root, "usr/local/bin/node");
  });
}
