import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PIPELINE_IMAGES, type ProgramImage } from "../../config/values/image.ts";
import { mustRun } from "../../toolchain/process.ts";
import { loadBaseImages, python } from "../support/images/base-images.ts";
import { type Engine, startEngine } from "../support/images/engine.ts";
import { dockerPackages } from "../support/images/packages.ts";
import { whyNoEngine } from "../support/images/possible.ts";
import { startRegistry } from "../support/images/registry.ts";
import type { Hierarchies } from "../support/kubernetes/cgroups.ts";
import { ownHierarchies } from "../support/kubernetes/possible.ts";
import { ROOT } from "../support/toolchain.ts";

const BUILD_MS = 3_600_000;
/** Those of MLflow and of models are large, and the engine is behind everything else. */
const PUSH_MS = 1_200_000;
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const HOME = "/srv/work";

const reason = whyNoEngine();
/** What has a data program say its version. */
const VERSION: Readonly<Record<string, readonly string[]>> = {
  cybersec: ["ingest", "--version"],
  dataops: ["--version"],
  features: ["features", "--version"],
  mlops: ["model-api", "--version"],
};
/** Every image of pipelines/, in the order of `images.sh`; the server of MLflow and Barman are no data programs. */
const BUILT = [...PIPELINE_IMAGES, "database-backup", "mlflow-server"].sort();

describe.skipIf(reason !== undefined)(reason ?? "the images of data programs, built by Docker", () => {
  let engine: Engine;
  let packages: string;
  const nameOf = (program: string): string => `localhost/images-test/${program}:${COMMIT}`;

  beforeAll(async () => {
    packages = await dockerPackages();
    engine = await startEngine(packages, ownHierarchies() as Hierarchies);
    await loadBaseImages(engine, packages, [python()]);
    for (const program of BUILT) {
      const args = [`GIT_COMMIT_HASH=${COMMIT}`, `HOME_DIR=${HOME}`].flatMap((each) => ["--build-arg", each]);
      const file = ["--file", join(ROOT, `pipelines/${program}/Dockerfile`), join(ROOT, "pipelines")];
      await engine.docker("build", "--network=host", ...args, "--tag", nameOf(program), ...file);
    }
    // What earlier builds left without a name.
    await engine.docker("image", "prune", "--force");
  }, BUILD_MS);

  afterAll(() => engine?.stop());

  /** Runs a container that may write to its home alone; answers exit code and output. */
  const contained = (program: ProgramImage, ...words: string[]) =>
    engine.try(
      "run",
      "--rm",
      "--network=none",
      "--read-only",
      "--cap-drop=ALL",
      `--tmpfs=${HOME}:mode=1777`,
      nameOf(program),
      ...words,
    );

  it.each(BUILT)("%s tells the commit it is from and runs as a user without a name", async (program) => {
    const text = await engine.docker("image", "inspect", "--format", "{{json .Config}}", nameOf(program));
    const { Labels, User, Healthcheck, WorkingDir, Env } = JSON.parse(text);
    expect(Labels["org.opencontainers.image.revision"]).toBe(COMMIT);
    expect({ User, Healthcheck, WorkingDir }).toEqual({
      User: "1000:1000",
      Healthcheck: { Test: ["NONE"] },
      WorkingDir: HOME,
    });
    expect(Env).toEqual(expect.arrayContaining([`HOME=${HOME}`, `TMPDIR=${HOME}`]));
  });

  it("the ingestion is what runs by default, with nothing to write to but its home, and asks for its settings", async () => {
    const { code, stderr } = await contained("cybersec");
    expect(stderr).toMatch(/^ingest: settings: 8 variables are missing or wrong, so nothing was run/);
    expect(code).toBe(2);
  });

  it.each(PIPELINE_IMAGES)("--version of %s names version and commit", async (program) => {
    const { stdout } = await contained(program, ...(VERSION[program] ?? []));
    expect(stdout).toBe(`${program}-pipeline 0.1.0 (commit ${COMMIT})\n`);
  });

  it("a step of DataOps starts with nothing to write to but its home", async () => {
    const { code, stderr } = await contained("dataops", "extract", "--table", "raw_binance_btcusdt_spot");
    expect(stderr).toMatch(/^extract: settings: /);
    expect(code).toBe(2);
  });

  it("what images.sh push says is pushed is in the registry, and runs from there by the commit's name", {
    timeout: PUSH_MS,
  }, async () => {
    const registry = await startRegistry();
    try {
      const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
      const references = BUILT.map((program) => `${registry.host}/team/${program}:${commit}`);
      for (const [n, program] of BUILT.entries()) {
        await engine.docker("tag", nameOf(program), references[n] as string);
      }
      const said = await mustRun("images.sh", "sh", [join(ROOT, "pipelines/images.sh"), "push"], {
        env: {
          ...engine.env,
          PATH: `${join(packages, "usr/bin")}:${process.env.PATH}`,
          IMAGE_REGISTRY: `${registry.host}/team`,
        },
      });
      expect(said).toBe(references.map((reference) => `Successfully pushed ${reference}\n`).join(""));
      for (const [n, program] of BUILT.entries()) {
        const reference = references[n] as string;
        await engine.docker("image", "rm", reference);
        await engine.docker("pull", reference);
        const words = VERSION[program];
        if (words !== undefined) {
          const { stdout } = await engine.try("run", "--rm", "--network=none", "--pull=never", reference, ...words);
          expect(stdout).toBe(`${program}-pipeline 0.1.0 (commit ${COMMIT})\n`);
        }
        await engine.docker("image", "rm", reference);
      }
    } finally {
      await registry.stop();
    }
  });

  it.each(PIPELINE_IMAGES)("%s has no tool that judges it, and no pip in its environment", async (program) => {
    const { stdout } = await engine.try(
      "run",
      "--rm",
      "--network=none",
      "--entrypoint=python",
      nameOf(program),
      "-c",
      "import importlib.util; print([each for each in ('pip', 'pytest', 'mypy', 'ruff') if importlib.util.find_spec(each)])",
    );
    expect(stdout).toBe("[]\n");
  });
});
