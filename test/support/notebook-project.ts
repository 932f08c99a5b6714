import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { type Checkout, checkoutAt } from "../../cli/checkout.ts";
import { stopServices } from "../../cli/local/service/start.ts";
import { freePort } from "./minio.ts";
import { copyProject, plainShell } from "./project-copy.ts";

/** What a program came to. */
export interface Ended {
  readonly code: number | null;
  /** Both streams. */
  readonly out: string;
}

/** Platforms whose notebook logs to MLflow. */
const WITH_MLFLOW = ["ml-security", "mlops"];
const MLFLOWS = ["BUCKETWORKS_ML_SECURITY_MLFLOW_PORT", "BUCKETWORKS_MLOPS_MLFLOW_PORT"];
const SERVERS = ["BUCKETWORKS_PORT", "BUCKETWORKS_CONSOLE_PORT", "BUCKETWORKS_POSTGRES_PORT"];

/** A copy of the project with its five platforms, of whose services there are those that notebooks use. */
export class NotebookProject {
  readonly checkout: Checkout;
  readonly env: NodeJS.ProcessEnv;
  /** Where JupyterLab listens. */
  readonly port: number;

  private constructor(checkout: Checkout, env: NodeJS.ProcessEnv, port: number) {
    this.checkout = checkout;
    this.env = env;
    this.port = port;
  }

  static async make(): Promise<NotebookProject> {
    const checkout = checkoutAt(copyProject());
    for (const name of ["cybersec", "dataops", "ml-security", "mlops", "usdcop"]) {
      const kept = ["jupyter", ...(WITH_MLFLOW.includes(name) ? ["mlflow"] : [])];
      // One MLflow asks for logins: notebooks have one of their own.
      const auth = name === "ml-security";
      keepServices(join(checkout.root, "config", "platforms", `${name}.yaml`), kept, auth);
    }
    const port = await freePort();
    const env: NodeJS.ProcessEnv = { ...plainShell(), BUCKETWORKS_JUPYTER_PORT: String(port) };
    for (const name of [...SERVERS, ...MLFLOWS]) env[name] = String(await freePort());
    return new NotebookProject(checkout, env, port);
  }

  bucketworks(...args: string[]): Promise<Ended> {
    return this.run(join(this.checkout.root, "bin", "bucketworks"), args);
  }

  /** Runs a notebook as a test, each cell after the other, in a process of its own. */
  runNotebook(name: string): Promise<Ended> {
    const file = join(this.checkout.root, "notebooks", `${name}.ipynb`);
    const python = join(this.checkout.root, ".bucketworks", "pipelines", "jupyter", "bin", "python");
    const options = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", this.checkout.root, "--nbmake"];
    return this.run(python, [...options, "--nbmake-timeout=240", file]);
  }

  async remove(): Promise<void> {
    await this.bucketworks("services", "down");
    await stopServices(this.checkout);
    rmSync(this.checkout.root, { recursive: true, force: true });
  }

  private run(file: string, args: readonly string[]): Promise<Ended> {
    const options = { cwd: this.checkout.root, env: this.env, maxBuffer: 2 ** 26 };
    return new Promise((resolve) => {
      const child = execFile(file, args, options, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, out: stdout + stderr }),
      );
    });
  }
}

/** Leaves those services in a platform's file that are named. @param auth whether its MLflow asks for logins */
function keepServices(file: string, names: readonly string[], auth: boolean): void {
  const document = parseDocument(readFileSync(file, "utf8"));
  const services = document.toJS().services as Readonly<Record<string, unknown>> | undefined;
  for (const name of Object.keys(services ?? {})) if (!names.includes(name)) document.deleteIn(["services", name]);
  // Experiments are dealt by a model API, which no notebook uses.
  document.delete("experiments");
  if (auth) document.setIn(["services", "mlflow", "auth"], true);
  writeFileSync(file, document.toString({ lineWidth: 0 }));
}
