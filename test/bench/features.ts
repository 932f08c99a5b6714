/** Online reads of features beside the SELECT alone, on servers of its own: `pipelines/features/tests/bench_online.py`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PlatformServers } from "../support/pipelines/platform-servers.ts";
import { ROOT } from "../support/toolchain.ts";

const servers = await PlatformServers.start("mlops");
try {
  const store = await servers.settings("feature-store", "mlops_feature_store");
  const logins = JSON.stringify({ store, writer: await servers.key("data-pipeline") });
  const tests = join(ROOT, "pipelines", "features", "tests");
  const python = join(ROOT, ".bucketworks", "pipelines", "features", "bin", "python");
  const shared = join(ROOT, "pipelines", "shared", "tests");
  const env = { ...process.env, LOGINS: logins, PYTHONPATH: shared, PYTHONDONTWRITEBYTECODE: "1" };
  const bench = spawn(python, [join(tests, "bench_online.py")], { env, stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(bench, "exit")) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  await servers.stop();
}
