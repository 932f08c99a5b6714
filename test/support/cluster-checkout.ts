import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MinioServerInput } from "../../config/minio-server/schema.ts";
import type { Outcome } from "./checkout.ts";
import { checkoutEnv } from "./compiled.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { freePort } from "./minio.ts";
import { copyProject } from "./project-copy.ts";
import { tool } from "./toolchain.ts";
import { WORKLOADS_IMAGE } from "./workloads-image.ts";

/** Image of the toolchain's own server and client, with a shell from busybox. */
export const MINIO_IMAGE = "localhost/minio:test";

const STACK = ["--stack", "cluster"];

/** A checkout whose stack `cluster` deploys MinIO on the test cluster, in a namespace of its own. */
export class ClusterCheckout {
  readonly root: string;
  readonly cluster: TestCluster;
  readonly namespace: string;
  readonly user = "cluster-root";
  readonly port: number;
  password = randomBytes(20).toString("hex");

  private constructor(root: string, cluster: TestCluster, namespace: string, port: number) {
    this.root = root;
    this.cluster = cluster;
    this.namespace = namespace;
    this.port = port;
  }

  /** @param platforms absent are the project's own */
  static async make(
    cluster: TestCluster,
    server: MinioServerInput = {},
    platforms?: Readonly<Record<string, string>>,
  ): Promise<ClusterCheckout> {
    const namespace = `minio-${randomBytes(3).toString("hex")}`;
    const made = new ClusterCheckout(copyProject(), cluster, namespace, await freePort());
    if (platforms) made.writePlatforms(platforms);
    await made.must("pulumi", "stack", "init", "cluster", "--no-select");
    await made.set({
      workloadsImage: WORKLOADS_IMAGE,
      stage: "dev",
      target: "kubernetes",
      forwardPort: made.port,
    });
    await made.setServer(server);
    await made.setSecret("rootUser", made.user);
    await made.setSecret("rootPassword", made.password);
    await made.setSecret("kmsKey", `test:${randomBytes(32).toString("base64")}`);
    return made;
  }

  async setServer(server: MinioServerInput): Promise<void> {
    const whole = {
      namespace: this.namespace,
      image: MINIO_IMAGE,
      driveSize: "1Gi",
      memory: "512Mi",
      cpu: "50m",
      ...server,
    };
    await this.set(Object.fromEntries(Object.entries(whole).map(([key, value]) => [`server.${key}`, value])));
  }

  /** Sets settings of the stack by their paths, all with one command. */
  async set(values: Readonly<Record<string, unknown>>): Promise<void> {
    const pairs = Object.entries(values).map(([path, value]) => `bucketworks:${path}=${value}`);
    const plain = pairs.flatMap((pair) => ["--plaintext", pair]);
    await this.must("pulumi", "config", "set-all", "--path", ...STACK, ...plain);
  }

  async setSecret(key: string, value: string): Promise<void> {
    const file = join(this.root, ".bucketworks", "typed");
    writeFileSync(file, value, { mode: 0o600 });
    const how = [...(key.includes(".") ? ["--path"] : []), "--secret", ...STACK].join(" ");
    await this.must("sh", "-c", `pulumi config set ${how} bucketworks:${key} <.bucketworks/typed`);
  }

  /** `mc` as root, by the port that `bucketworks forward` opens; its alias is `t`, of a server with TLS `s`. */
  mc(...args: string[]): Promise<string> {
    const folder = join(this.root, ".bucketworks", "mc");
    mkdirSync(folder, { recursive: true });
    const key = { accessKey: this.user, secretKey: this.password, api: "S3v4" };
    const [t, s] = ["http", "https"].map((scheme) => ({ url: `${scheme}://127.0.0.1:${this.port}`, ...key }));
    writeFileSync(join(folder, "config.json"), JSON.stringify({ version: "10", aliases: { t, s } }), { mode: 0o600 });
    return this.must("bin/bucketworks", "forward", "--quiet", ...STACK, "--", "mc", "--quiet", ...args);
  }

  writePlatforms(platforms: Readonly<Record<string, string>>): void {
    const folder = join(this.root, "config", "platforms");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    for (const [name, text] of Object.entries(platforms)) writeFileSync(join(folder, `${name}.yaml`), text);
  }

  /** Writes one file of the checkout. */
  writeFile(path: string, text: string): void {
    writeFileSync(join(this.root, path), text);
  }

  /** Runs pulumi on the stack. */
  pulumi(command: string, ...args: string[]): Promise<Outcome> {
    return this.run("pulumi", command, ...STACK, ...args);
  }

  run(command: string, ...args: string[]): Promise<Outcome> {
    const child = spawn("sh", ["-c", '. ./toolchain/env.sh && exec "$@"', "sh", command, ...args], {
      cwd: this.root,
      stdio: ["ignore", "pipe", "pipe"],
      env: checkoutEnv({ KUBECONFIG: this.cluster.kubeconfig }),
    });
    const text = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].on("data", (data) => {
        text[stream] += data;
      });
    }
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => resolve({ code: code ?? -1, ...text }));
    });
  }

  async must(command: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, ...args);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  }

  async remove(): Promise<void> {
    await this.cluster.try("delete", "namespace", this.namespace, "--wait=false");
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Puts the toolchain's MinIO into the cluster as an image; it is linked statically. */
export function loadMinioImage(cluster: TestCluster): Promise<void> {
  const config = { Entrypoint: ["/usr/bin/minio"], Env: ["PATH=/usr/bin"] };
  return cluster.imageOfRun(MINIO_IMAGE, config, (root) => {
    mkdirSync(join(root, "usr/bin"), { recursive: true });
    mkdirSync(join(root, "tmp"));
    for (const name of ["minio", "mc"] as const) copyFileSync(tool(name), join(root, "usr/bin", name));
  });
}
