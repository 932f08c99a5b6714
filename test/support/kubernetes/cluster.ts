import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { type Claim, type Manifest, STORAGE_CLASS } from "./base-objects.ts";
import { type Forward, openForward } from "./forward.ts";
import { archiveAt, archiveName, type ImageConfig, importImage, makeImage, onceInRun } from "./images.ts";
import type { Answer, Kubectl } from "./kubectl.ts";
import { BUSYBOX_IMAGE, INSIDE } from "./layout.ts";
import { findNode, insideNode } from "./node.ts";
import type { Place } from "./place.ts";
import { ownHierarchies } from "./possible.ts";
import { makeVolumes } from "./volumes.ts";

const run = promisify(execFile);

/** Pod Security level that a namespace enforces. */
export type SecurityLevel = "restricted" | "baseline" | "privileged";

/** A real cluster that tests use: one of ours at a place, or another one by its kubeconfig. */
export class TestCluster {
  readonly #kubectl: Kubectl;
  readonly #place: Place | undefined;
  readonly #stop: () => Promise<void>;

  constructor(kubectl: Kubectl, place: Place | undefined, stop: () => Promise<void>) {
    this.#kubectl = kubectl;
    this.#place = place;
    this.#stop = stop;
  }

  /** Path of a file; holds an administrator's credentials. */
  get kubeconfig(): string {
    return this.#kubectl.kubeconfig;
  }

  /** An image with busybox and its shell: ours without a registry, another cluster's from Docker Hub. */
  get busybox(): string {
    return this.#place === undefined ? "docker.io/library/busybox:1.36" : BUSYBOX_IMAGE;
  }

  /** Runs kubectl; answers what it wrote. @throws Error with what it said when it fails */
  kubectl(...args: readonly string[]): Promise<string> {
    return this.#kubectl.run(args);
  }

  /** Runs kubectl, whatever its exit code. */
  try(...args: readonly string[]): Promise<Answer> {
    return this.#kubectl.try(args);
  }

  /** Applies objects server-side. @throws Error with the API server's refusal */
  apply(...objects: readonly Manifest[]): Promise<string> {
    return this.#kubectl.apply(objects);
  }

  /** What the API server says to objects that it judges and doesn't keep. */
  dryRun(...objects: readonly Manifest[]): Promise<Answer> {
    return this.#kubectl.dryRun(objects);
  }

  /** Runs a command in a pod's first container; answers what it wrote. */
  exec(namespace: string, pod: string, ...command: readonly string[]): Promise<string> {
    return this.#kubectl.run(["exec", "-n", namespace, pod, "--", ...command]);
  }

  /** What the containers of a pod wrote. */
  logs(namespace: string, pod: string): Promise<string> {
    return this.#kubectl.run(["logs", "-n", namespace, pod, "--all-containers"]);
  }

  /** Waits until a Job is done. @throws Error with what its pods wrote when it failed or took longer */
  async jobDone(namespace: string, job: string, seconds: number): Promise<void> {
    const ended = "{.status.conditions[?(@.status=='True')].type}";
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await setTimeout(1000)) {
      const conditions = await this.kubectl("get", "job", job, "-n", namespace, "-o", `jsonpath=${ended}`);
      if (conditions.includes("Complete")) return;
      if (conditions.includes("Failed")) break;
    }
    const of = ["-n", namespace, "-l", `job-name=${job}`];
    const pods = await this.kubectl("get", "pods", ...of, "-o", "wide");
    throw new Error(
      `job ${job}: failed, or not done in ${seconds} s:\n${pods}${await this.kubectl("logs", ...of, "--prefix", "--all-containers", "--ignore-errors")}`,
    );
  }

  /** Opens a port of the host's loopback to `target`, e.g. `pod/minio-0` or `service/minio`. */
  forward(namespace: string, target: string, port: number): Promise<Forward> {
    return openForward(this.#kubectl, namespace, target, port);
  }

  /** Makes a namespace with a name of its own, in which pods can be created at once; answers the name. */
  async namespace(prefix: string, level: SecurityLevel = "restricted"): Promise<string> {
    const name = `${prefix}-${randomBytes(3).toString("hex")}`;
    const labels = { "pod-security.kubernetes.io/enforce": level };
    await this.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    await this.kubectl("wait", "--for=create", "serviceaccount/default", "-n", name, "--timeout=30s");
    return name;
  }

  /** Sees to it that `count` volumes of the default storage class are free. Another cluster provides its own. */
  async freeVolumes(count: number, size: string): Promise<void> {
    if (this.#place === undefined) return;
    const found = JSON.parse(await this.kubectl("get", "persistentvolumes", "-o", "json")) as Volumes;
    const free = found.items.filter(
      ({ spec, status }) =>
        spec.storageClassName === STORAGE_CLASS && spec.capacity.storage === size && status.phase === "Available",
    );
    if (free.length < count) await this.#kubectl.create(makeVolumes(this.#place, count - free.length, size));
  }

  /**
   * Offers a volume whose disk is full after so many MiB to a claim that is to come, and to no other: tests run beside
   * each other, and a claim takes any volume that is large enough.
   * @throws Error for a cluster that isn't ours
   */
  async smallVolume(claim: Claim, size: string, mebibytes: number): Promise<void> {
    if (this.#place === undefined) throw new Error(`a small volume needs a cluster of our own`);
    for (const volume of makeVolumes(this.#place, 1, size, claim)) {
      const { name } = volume.metadata as { name: string };
      const path = `${INSIDE.volumes}/${name}`;
      await this.onNode("mount", "-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path);
      await this.#kubectl.create([volume]);
    }
  }

  /** Fills the volume of a claim to its last byte, or frees it again. */
  async ballast(namespace: string, claim: string, what: "fill" | "free"): Promise<void> {
    const volume = await this.kubectl(
      "get",
      "persistentvolumeclaim",
      claim,
      "-n",
      namespace,
      "-o",
      "jsonpath={.spec.volumeName}",
    );
    const file = `${INSIDE.volumes}/${volume}/ballast`;
    // The limit is for a volume that isn't small: it must not fill the machine.
    const fill = `dd if=/dev/zero of=${file} bs=64k count=8192 2>/dev/null; dd if=/dev/zero bs=1 count=65536 2>/dev/null >>${file} || true`;
    await this.onNode("sh", "-c", what === "fill" ? fill : `rm -f ${file}`);
  }

  /**
   * Puts an image into the cluster under `name` (with its tag): an archive as `docker save` writes it, or a root folder
   * that becomes one layer with `config`.
   * @throws Error for a cluster that isn't ours: it takes images from a registry alone
   */
  async loadImage(source: string, name: string, config: ImageConfig = {}): Promise<void> {
    const hierarchies = ownHierarchies();
    const node = this.#place && hierarchies && findNode(hierarchies, this.#place);
    if (this.#place === undefined || node === undefined) throw new Error(notOurs(name));
    const file = archiveName(name);
    const archive = archiveAt(this.#place, file);
    if (statSync(source).isDirectory()) await makeImage(source, name, config, archive);
    else copyFileSync(source, archive);
    await importImage(this.#place, node, file);
  }

  /**
   * Puts an image of one layer into the cluster, made once in a test run however many of its files ask.
   * @param fill makes what the image holds in an empty folder; everybody may read it then
   */
  async imageOfRun(name: string, config: ImageConfig, fill: (root: string) => void | Promise<void>): Promise<void> {
    if (this.#place === undefined) throw new Error(notOurs(name));
    await onceInRun(this.#place, name, async () => {
      const root = mkdtempSync(join(tmpdir(), "bucketworks-image-"));
      try {
        await fill(root);
        await run("chmod", ["-R", "a+rX", root]);
        await this.loadImage(root, name, config);
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    });
  }

  /** Runs a program on the node; answers what it wrote. @throws Error for a cluster that isn't ours */
  async onNode(...command: readonly string[]): Promise<string> {
    const hierarchies = ownHierarchies();
    const node = this.#place && hierarchies && findNode(hierarchies, this.#place);
    if (node === undefined) throw new Error(`${command[0]}: the node of a cluster that isn't ours can't be reached`);
    return (await run(...insideNode(node, command))).stdout;
  }

  /** Kills the process of a container at once, as a lack of memory would. */
  async killContainer(namespace: string, pod: string, container: string): Promise<void> {
    const ctr = ["ctr", "--namespace=k8s.io"];
    const of = { "pod.namespace": namespace, "pod.name": pod, "container.name": container };
    const labels = Object.entries(of).map(([key, value]) => `labels."io.kubernetes.${key}"==${value}`);
    const ids = (await this.onNode(...ctr, "tasks", "list", "--quiet")).split("\n");
    const found = (await this.onNode(...ctr, "containers", "list", "--quiet", labels.join(","))).trim().split("\n");
    const running = found.filter((id) => ids.includes(id));
    if (running.length === 0) throw new Error(`no container ${container} runs in pod ${pod}`);
    for (const id of running) await this.onNode(...ctr, "tasks", "kill", "--signal", "SIGKILL", id);
  }

  /** Stops a cluster that was started for these tests; leaves any other as it is. */
  stop(): Promise<void> {
    return this.#stop();
  }
}

function notOurs(image: string): string {
  return `image ${image}: can't be put into a cluster that isn't ours; push it to where that one pulls from`;
}

interface Volumes {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly storageClassName: string; readonly capacity: { readonly storage: string } };
    readonly status: { readonly phase: string };
  }[];
}
