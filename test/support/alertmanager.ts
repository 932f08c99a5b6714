import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { ROOT } from "./toolchain.ts";

/** Alertmanager itself with these settings, on loopback. @param folder its own, emptied */
export function startAlertmanager(
  folder: string,
  settings: object,
  port: number,
  more: NodeJS.ProcessEnv = {},
): ChildProcess {
  const got = spawnSync("sh", [join(ROOT, "toolchain", "bootstrap.sh"), "--quiet", "--service", "alertmanager"], {
    cwd: ROOT,
  });
  if (got.status !== 0) throw new Error(String(got.stderr));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(join(folder, "alertmanager.yml"), stringify(settings, { lineWidth: 0 }));
  const program = join(ROOT, ".bucketworks", "toolchain", "services", "alertmanager");
  return spawn(
    join(program, "bin", "alertmanager"),
    [
      `--config.file=${join(folder, "alertmanager.yml")}`,
      `--storage.path=${folder}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    { cwd: program, env: { ...process.env, ...more }, stdio: "ignore" },
  );
}
