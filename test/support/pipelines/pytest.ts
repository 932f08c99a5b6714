import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../toolchain.ts";

const PIPELINES = join(ROOT, "pipelines");

/** Which tests run. */
export interface PythonTests {
  /** A folder of the checkout that has pytest's settings in its `pyproject.toml`. */
  readonly home: string;
  /** Below it. */
  readonly folders: readonly string[];
  /** An environment below `.bucketworks/pipelines/` that has pytest: that of the data programs unless told otherwise. */
  readonly environment?: string;
}

/** What became of one Python test; `said` is its failure. */
export interface Outcome {
  readonly id: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly said: string;
}

/** @throws when the environment isn't installed */
function python(environment = "venv"): string {
  const path = join(ROOT, ".bucketworks/pipelines", environment, "bin/python");
  const target = environment === "venv" ? "pipelines-packages" : environment;
  if (!existsSync(path)) throw new Error(`${path} is missing: run make ${target}`);
  return path;
}

/**
 * The ids of the Python tests of some folders, `cybersec/tests/test_a.py::test_b[case]`.
 * @throws with what pytest says
 */
export function collect({ home, folders, environment }: PythonTests): string[] {
  const args = ["-m", "pytest", "--collect-only", "-q", ...folders];
  const { status, stdout, stderr } = spawnSync(python(environment), args, { cwd: join(ROOT, home), encoding: "utf8" });
  if (status !== 0) throw new Error(`pytest can't collect its tests\n${stdout}${stderr}`);
  return stdout.split("\n").filter((line) => line.includes("::"));
}

/** Runs the tests of the folders once, and ends them after `limitMs`: tests that had no outcome by then failed. */
export async function runAll(
  { home, folders, environment }: PythonTests,
  env: Readonly<Record<string, string | undefined>>,
  limitMs: number,
): Promise<Map<string, Outcome>> {
  const folder = mkdtempSync(join(tmpdir(), "pytest-"));
  const report = join(folder, "outcomes");
  // Whatever a shell says: without compiled packages each of many starts takes a minute.
  // Where `outcomes` is; Python's own folder is searched by itself.
  const elsewhere = join(ROOT, home) === PIPELINES ? {} : { PYTHONPATH: PIPELINES };
  const ours = { PYTEST_OUTCOMES: report, PYTHONDONTWRITEBYTECODE: "", ...elsewhere };
  const settings = { ...process.env, ...env, ...ours };
  const options = { cwd: join(ROOT, home), env: settings, maxBuffer: 2 ** 26, timeout: limitMs };
  try {
    const said = await new Promise<string>((resolve) => {
      execFile(
        python(environment),
        ["-m", "pytest", "-q", "-p", "outcomes", "--basetemp", join(folder, "tmp"), ...folders],
        options,
        (_, stdout, stderr) => resolve(stdout + stderr),
      );
    });
    if (!existsSync(report)) throw new Error(`pytest ran no test\n${said}`);
    const lines = readFileSync(report, "utf8").trim().split("\n");
    return new Map(lines.map((line) => JSON.parse(line) as Outcome).map((each) => [each.id, each]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
