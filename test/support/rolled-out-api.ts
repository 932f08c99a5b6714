import { chmodSync, cpSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "../../builders/kubernetes/manifest.ts";
import { selector } from "../../builders/services/kubernetes/instance.ts";
import { plannedServices } from "../../builders/services/kubernetes/planned.ts";
import type { Platform } from "../../config/model.ts";
import { resolveRollout } from "../../config/resolve/rollout.ts";
import type { RolloutSpec } from "../../config/schema/rollout.ts";
import { copyProgram } from "./images/program.ts";
import type { Manifest as ClusterObject } from "./kubernetes/base-objects.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { platform } from "./platforms.ts";
import { SERVICE_IMAGES } from "./service-images.ts";
import { keys, parts, place, tokens } from "./service-manifests.ts";
import { ROOT, tool } from "./toolchain.ts";

const IMAGE = "localhost/model-api-stand-in:test";
const NAME = "mlops-model-api";
/** Secret with the certificate of all services. */
const CERTIFICATE = "supplied";

/** The manifests of a model API with a rollout, and of the Prometheus that judges it, on the cluster; what answers is a stand-in. */
export class RolledOutApi {
  readonly #cluster: TestCluster;
  readonly #namespace: string;
  #applied: ReadonlySet<string> = new Set();

  constructor(cluster: TestCluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  static async loadImage(cluster: TestCluster): Promise<void> {
    const config = { Env: ["PATH=/usr/local/bin"], User: "1000", WorkingDir: "/" };
    await cluster.imageOfRun(IMAGE, config, (root) => {
      copyProgram(tool("node"), root, "usr/local/bin/node");
      const program = join(root, "usr/local/bin/model-api");
      cpSync(join(ROOT, "test/support/images/model-api-stand-in.mjs"), program);
      chmodSync(program, 0o755);
      cpSync(join(ROOT, "test/support/images/request-load.mjs"), join(root, "request-load.mjs"));
    });
  }

  /** What the platform's file asks for, with this version; of what is there, as an update would, what is another alone. */
  async deploy(version: number, rollout: RolloutSpec): Promise<void> {
    const manifests = this.#manifests(version, rollout);
    const texts = manifests.map((each) => JSON.stringify(each));
    const changed = manifests.filter((_, index) => !this.#applied.has(texts[index] ?? ""));
    await this.#cluster.apply(...secretsFor(changed, this.#namespace), ...changed);
    this.#applied = new Set(texts);
  }

  #manifests(version: number, rollout: RolloutSpec): Manifest[] {
    const base = platform("mlops");
    const { modelApi, prometheus } = base.services;
    if (modelApi === null || prometheus === null) throw new Error("mlops has no model API or no Prometheus");
    const services: Platform["services"] = {
      ...base.services,
      prometheus: { ...prometheus, scrapeSeconds: 2 },
      modelApi: {
        ...modelApi,
        version,
        replicas: { min: 2, max: 2 },
        cpu: "10m",
        memory: "128Mi",
        rollout: resolveRollout(rollout),
      },
    };
    const images = { ...parts.images, mlops: IMAGE };
    const given = place(
      { namespace: this.#namespace },
      {
        deploy: true,
        tokens: { ...tokens, jwks: keys },
        images: { prometheus: SERVICE_IMAGES.prometheus },
        tls: { from: "secret", secret: CERTIFICATE },
      },
    );
    const planned = plannedServices([{ ...base, services }], { ...parts, images }, given).services;
    const ours = planned.filter(({ instance }) => [NAME, "prometheus"].includes(instance.name));
    return ours.flatMap(({ manifests }) => [...manifests]);
  }

  /** Asks twenty times a second; answers what was said, by version. */
  async load(seconds: number): Promise<Readonly<Record<string, number>>> {
    const name = `load-${Math.random().toString(36).slice(2, 8)}`;
    const security = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
    const url = `https://${NAME}.${this.#namespace}.svc.cluster.local:8000/predict`;
    const command = ["node", "/request-load.mjs", url, String(seconds), "/tls/ca.crt"];
    const volumeMounts = [{ name: "tls", mountPath: "/tls", readOnly: true }];
    const secret = { secretName: CERTIFICATE, items: [{ key: "ca.crt", path: "ca.crt" }] };
    await this.#cluster.apply({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name, namespace: this.#namespace },
      spec: {
        backoffLimit: 0,
        template: {
          spec: {
            restartPolicy: "Never",
            securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
            containers: [{ name, image: IMAGE, command, securityContext: security, volumeMounts }],
            volumes: [{ name: "tls", secret }],
          },
        },
      },
    });
    await this.#cluster.jobDone(this.#namespace, name, seconds + 120);
    return JSON.parse(await this.#cluster.kubectl("-n", this.#namespace, "logs", `job/${name}`)) as Record<
      string,
      number
    >;
  }

  /** Waits until there are the pods of the stable version alone, those that end among the others. */
  async stands(seconds: number): Promise<void> {
    const others = `${Object.entries(selector({ name: NAME })).map(([key, value]) => `${key}=${value}`)},rollouts-pod-template-hash!=${await this.status("stableRS")}`;
    await this.#cluster.kubectl(
      "-n",
      this.#namespace,
      "wait",
      "pod",
      "-l",
      others,
      "--for=delete",
      `--timeout=${seconds}s`,
    );
  }

  /** Waits until Argo Rollouts says so of it. */
  reaches(phase: string, seconds: number): Promise<void> {
    return this.#waits(`{.status.phase}=${phase}`, seconds);
  }

  /** Waits until Argo Rollouts gives this reason. */
  saysWhy(message: string, seconds: number): Promise<void> {
    return this.#waits(`{.status.message}=${message}`, seconds);
  }

  async #waits(condition: string, seconds: number): Promise<void> {
    const of = ["-n", this.#namespace, `rollout/${NAME}`];
    await this.#cluster.kubectl("wait", ...of, `--for=jsonpath=${condition}`, `--timeout=${seconds}s`);
  }

  /** A field of its status. */
  status(field: string): Promise<string> {
    return this.#cluster.kubectl("-n", this.#namespace, "get", "rollout", NAME, "-o", `jsonpath={.status.${field}}`);
  }
}

/** Every Secret that pods name but the certificate, with something in it. */
function secretsFor(manifests: readonly Manifest[], namespace: string): ClusterObject[] {
  const found = new Map<string, Record<string, string>>();
  const add = (name: string, key: string): void => {
    found.set(name, { ...found.get(name), [key]: "something" });
  };
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const { secretKeyRef, secret } = value as {
      readonly secretKeyRef?: { readonly name: string; readonly key: string };
      readonly secret?: { readonly secretName: string; readonly items?: readonly { readonly key: string }[] };
    };
    if (secretKeyRef) add(secretKeyRef.name, secretKeyRef.key);
    for (const { key } of secret?.items ?? []) add(secret?.secretName ?? "", key);
    for (const each of Object.values(value)) look(each);
  };
  look(manifests);
  found.delete(CERTIFICATE);
  return [...found].map(([name, stringData]) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace },
    stringData,
  }));
}
