import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyVariables, type ServerKey } from "../../builders/key-variables.ts";
import { mlflowEnvironment, mlflowLogging } from "../../builders/services/mlflow.ts";
import { modelApiEnvironment } from "../../builders/services/model-api.ts";
import { ensureSigningKey } from "../../cli/local/services/signing-key.ts";
import { envLines } from "../../config/text/key-value.ts";
import { shellWord } from "../../config/text/shell.ts";
import { loadBaseImages, python } from "../support/images/base-images.ts";
import { composeRun } from "../support/images/compose-container.ts";
import { type Engine, startEngine } from "../support/images/engine.ts";
import { dockerPackages } from "../support/images/packages.ts";
import { whyNoEngine } from "../support/images/possible.ts";
import type { Hierarchies } from "../support/kubernetes/cgroups.ts";
import { ownHierarchies } from "../support/kubernetes/possible.ts";
import { eventually } from "../support/local-checkout.ts";
import { freePort } from "../support/minio.ts";
import { PlatformServers } from "../support/pipelines/platform-servers.ts";
import { platform } from "../support/platforms.ts";
import { ROOT } from "../support/toolchain.ts";

const BUILD_MS = 3_600_000;
const TRAINING_MS = 900_000;
/** The user whom Compose's containers run as. */
const USER = 1000;

const reason = whyNoEngine();

describe.skipIf(reason !== undefined)(reason ?? "services of compose.yaml, in containers of Docker", () => {
  const mlops = platform("mlops", "dev");
  const { mlflow, modelApi } = mlops.services;
  if (mlflow === null || modelApi === null) throw new Error("mlops asks for no MLflow, or no model API");
  let engine: Engine;
  let servers: PlatformServers;
  let folder: string;
  const ports = { mlflow: 0, api: 0 };
  const image = (program: string): string => `localhost/images-test/${program}:compose`;

  const key = async (policy: string): Promise<ServerKey> => {
    const { MINIO_ENDPOINT, MINIO_ACCESS_KEY = "", MINIO_SECRET_KEY = "" } = await servers.key(policy);
    const login = { accessKey: MINIO_ACCESS_KEY, secretKey: MINIO_SECRET_KEY };
    return { endpoint: `http://${MINIO_ENDPOINT}`, region: "us-east-1", ...login };
  };

  beforeAll(async () => {
    const packages = await dockerPackages();
    engine = await startEngine(packages, ownHierarchies() as Hierarchies);
    await loadBaseImages(engine, packages, [python()]);
    for (const program of ["mlflow-server", "mlops"]) {
      const file = ["--file", join(ROOT, `pipelines/${program}/Dockerfile`), join(ROOT, "pipelines")];
      await engine.docker("build", "--network=host", "--tag", image(program), ...file);
    }
    servers = await PlatformServers.start("mlops");
    folder = mkdtempSync(join(tmpdir(), "bucketworks-compose-"));
    chmodSync(folder, 0o755);
    ports.mlflow = await freePort();
    ports.api = await freePort();
  }, BUILD_MS);

  afterAll(async () => {
    for (const name of ["compose-mlflow", "compose-api", "compose-training"]) await engine?.try("rm", "--force", name);
    await servers?.stop();
    await engine?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** A volume as the initialiser leaves it. */
  function volume(name: string, files: Readonly<Record<string, string>>): string {
    const made = join(folder, name);
    mkdirSync(made, { mode: 0o700 });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(made, file), text, { mode: 0o600 });
    return made;
  }

  /** Gives a volume and all in it to the user of the containers. */
  function handOver(made: string): string {
    for (const each of [made, ...readdirSync(made).map((name) => join(made, name))]) chownSync(each, USER, USER);
    return made;
  }

  const exported = (variables: Readonly<Record<string, string>>): string =>
    Object.entries(variables)
      .map(([name, value]) => `export ${name}=${shellWord(value)}\n`)
      .join("");

  async function healthy(name: string): Promise<void> {
    const state = () => engine.docker("inspect", "--format", "{{.State.Status}} {{.State.Health.Status}}", name);
    await eventually(async () => /^(running healthy|exited)/.test(await state()), 240_000);
    const log = await engine.try("logs", "--tail", "20", name);
    expect((await state()).trim(), log.stdout + log.stderr).toBe("running healthy");
  }

  /** What a program in a container may: its user, and whether it can write to the image's files. */
  const may = (name: string): Promise<string> => {
    const program = `import os
try: open('/opt/pipeline/x', 'w')
except OSError as error: print(os.getuid(), error.strerror)`;
    return engine.docker("exec", name, "/opt/pipeline/bin/python", "-c", program);
  };

  it("MLflow becomes healthy on its database and bucket, as no root, and can't write to its own files", async () => {
    const peers = {
      key: await key("mlflow"),
      database: servers.login(mlflow.role, mlflow.database),
      hosts: [`127.0.0.1:${ports.mlflow}`],
      origins: [],
    };
    const made = volume("mlops-mlflow", {
      "environment.sh": exported(mlflowEnvironment(mlflow, peers)),
      "log.json": JSON.stringify(mlflowLogging("mlops")),
    });
    const place = {
      image: image("mlflow-server"),
      name: "compose-mlflow",
      replaced: { "0.0.0.0": "127.0.0.1", "5000": String(ports.mlflow) },
    };
    const [run = "", ...args] = composeRun("mlops-mlflow", { ...place, volumes: { "mlops-mlflow": handOver(made) } });
    await engine.docker(run, "--detach", ...args);
    await healthy("compose-mlflow");
    expect(await may("compose-mlflow")).toBe(`${USER} Read-only file system\n`);
  });

  it("the model API becomes healthy without a model, as no root, and says that it has none", async () => {
    const place = {
      platform: "mlops",
      key: await key("serving"),
      registry: `http://127.0.0.1:${ports.mlflow}`,
      experiments: undefined,
    };
    const environment = modelApiEnvironment(modelApi, mlflow, place);
    const made = volume("mlops-model-api", { "environment.sh": exported(environment) });
    ensureSigningKey(made);
    mkdirSync(join(made, "model"));
    const own = {
      image: image("mlops"),
      name: "compose-api",
      replaced: { "0.0.0.0": "127.0.0.1", "8000": String(ports.api) },
    };
    const [run = "", ...args] = composeRun("mlops-model-api", {
      ...own,
      volumes: { "mlops-model-api": handOver(made) },
    });
    await engine.docker(run, "--detach", ...args);
    await healthy("compose-api");
    expect(await may("compose-api")).toBe(`${USER} Read-only file system\n`);
    const ready = await fetch(`http://127.0.0.1:${ports.api}/health/ready`);
    expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining("no version has the alias")]);
  });

  it("model-training makes texts, trains and registers, and the model API answers with what it made", {
    timeout: TRAINING_MS,
  }, async () => {
    const made = volume("model-training", {
      "data.env": envLines(keyVariables(await key("data-pipeline"))),
      "training.env": envLines(keyVariables(await key("training"))),
    });
    const place = { image: image("mlops"), name: "compose-training" };
    const replaced = { "mlops-mlflow:5000": `127.0.0.1:${ports.mlflow}` };
    const args = composeRun("model-training", { ...place, replaced, volumes: { "model-training": handOver(made) } });
    const trained = await engine.try(...args);
    expect(trained.code, trained.stderr.slice(-3000)).toBe(0);
    const url = `http://127.0.0.1:${ports.api}`;
    await eventually(async () => (await fetch(`${url}/health/ready`)).status === 200, 60_000);
    const sign = ["/opt/pipeline/bin/model-api", "token", "--role=predictor", "--subject=test", "--folder=/service"];
    const token = await engine.docker("exec", "compose-api", ...sign);
    const headers = { Authorization: `Bearer ${token.trim()}`, "Content-Type": "application/json" };
    const body = JSON.stringify({ text: "write to ada@example.org" });
    const answer = await fetch(`${url}/predict`, { method: "POST", headers, body });
    expect(await answer.json()).toMatchObject({ version: "1", predictions: [{ masked: "write to [EMAIL]" }] });
  });
});
