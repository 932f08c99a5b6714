import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { stopServices } from "../../cli/local/service/start.ts";
import { LocalProject } from "./local-project.ts";
import { freePort } from "./minio.ts";
import { plainShell } from "./project-copy.ts";

/** The platform's MLflow. */
export const NAME = "shop-mlflow";
const SPEC = `
access:
  policies:
    mlflow: {grants: [{role: read_write, bucket: orders, prefixes: [mlflow/]}]}
  users: {shop-tracking: {policies: [mlflow]}}
  service_accounts: {shop-tracking-server: {user: shop-tracking, policies: [mlflow]}}
services:
  mlflow: {service_account: shop-tracking-server, bucket: orders, prefix: mlflow/}
`;
/** Everybody logs in, by these names. @param logins what each may do */
export const withLogins = (logins: Readonly<Record<string, string>>): string =>
  SPEC.replace("prefix: mlflow/", `prefix: mlflow/, logins: ${JSON.stringify(logins)}`);

/** A local project whose platform asks for MLflow; its server and its database run, MLflow not yet. */
export class TrackedProject {
  readonly project: LocalProject;
  /** Of MLflow. */
  readonly port: number;
  /** Where clients work. */
  readonly scratch: string;

  private constructor(project: LocalProject, port: number) {
    this.project = project;
    this.port = port;
    this.scratch = mkdtempSync(join(tmpdir(), "bucketworks-mlflow-"));
  }

  static async make(): Promise<TrackedProject> {
    const made = new TrackedProject(await LocalProject.make(), await freePort());
    const { project, port } = made;
    made.declare(SPEC);
    Object.assign(project.ports, {
      BUCKETWORKS_SHOP_MLFLOW_PORT: String(port),
      BUCKETWORKS_POSTGRES_PORT: String(await freePort()),
    });
    const up = project.bucketworks("up");
    expect(up.code, up.out).toBe(0);
    return made;
  }

  async remove(): Promise<void> {
    await stopServices(this.project.checkout);
    await this.project.remove();
    rmSync(this.scratch, { recursive: true, force: true });
  }

  /** With room for two files of 600 MB. */
  declare(services: string): void {
    this.project.declare(this.project.good.replace("quota: 1GiB", "quota: 10GiB") + services);
  }

  url(path = ""): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  log(): string {
    return readFileSync(join(this.project.checkout.services, NAME, `${NAME}.log`), "utf8");
  }

  async api(path: string, init: RequestInit = {}): Promise<{ status: number; body: Record<string, unknown> }> {
    // Each on a connection of its own: servers are killed between two.
    const answer = await fetch(this.url(`/api/2.0/${path}`), { headers: { connection: "close" }, ...init });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith("{") ? JSON.parse(text) : { text } };
  }

  /** What a command prints in a shell of the project. @throws where it fails */
  async inShell(command: string): Promise<string> {
    const { stdout, stderr } = await promisify(execFile)("sh", ["-c", `. toolchain/env.sh && exec ${command}`], {
      cwd: this.project.checkout.root,
      env: { ...plainShell(), ...this.project.ports },
    });
    return stdout + stderr;
  }

  /** A client with nothing but the address of the server. */
  client(...args: string[]): Promise<Record<string, unknown>> {
    return this.clientWith({}, ...args);
  }

  /** @param login variables with which it logs in */
  async clientWith(login: Readonly<Record<string, string>>, ...args: string[]): Promise<Record<string, unknown>> {
    const { root } = this.project.checkout;
    const python = join(root, ".bucketworks/pipelines/mlflow-server/bin/python");
    const program = join(root, "pipelines/mlflow-server/tests/client.py");
    const { stdout } = await promisify(execFile)(python, [program, ...args], {
      cwd: this.scratch,
      env: {
        ...{ PATH: process.env.PATH, HOME: this.scratch },
        ...{ MLFLOW_TRACKING_URI: this.url(), MLFLOW_DISABLE_TELEMETRY: "true", ...login },
      },
      maxBuffer: 2 ** 24,
    });
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
  }
}
