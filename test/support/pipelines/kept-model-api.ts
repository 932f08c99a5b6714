import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../toolchain.ts";

/** A model API that answers by a small model, without MLflow and bucket. */
export interface KeptModelApi {
  readonly url: string;
  /** Of a predictor. */
  readonly token: string;
  stop(): Promise<void>;
}

/** @throws when it ends before it answers; `make pipelines-packages` installs it */
export async function startKeptModelApi(): Promise<KeptModelApi> {
  const tests = join(ROOT, "pipelines", "mlops", "tests");
  const program = spawn(join(ROOT, ".bucketworks/pipelines/venv/bin/python"), [join(tests, "serve_kept.py")], {
    env: { ...process.env, PYTHONPATH: join(ROOT, "pipelines", "shared", "tests"), PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(program, "exit");
  const first = once(createInterface(program.stdout), "line").then(([line]) => String(line));
  const line = await Promise.race([first, ended.then(() => undefined)]);
  if (line === undefined) throw new Error("the model API ended before it answered; its log is above");
  const [url = "", token = ""] = line.split(" ");
  return {
    url,
    token,
    stop: async () => {
      program.stdin.end();
      await ended;
    },
  };
}
