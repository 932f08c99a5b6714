import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { ClusterCheckout, loadMinioImage } from "./cluster-checkout.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { testCluster } from "./kubernetes/test-cluster.ts";
import { loadMlflowImage, MLFLOW_IMAGE } from "./pipelines/mlflow-image.ts";
import { loadProgramImage, programImage } from "./pipelines/program-image.ts";
import { TRAINING_ACCOUNTS } from "./pipelines/training-in-cluster.ts";
import { loadPostgresImage, POSTGRES_IMAGE } from "./postgres-image.ts";
import { loadServiceImages, SERVICE_IMAGES } from "./service-images.ts";
import { askSecured, type SecuredAnswer, ServicesCertificate } from "./services-certificate.ts";
import { ISSUER, type Signer } from "./signed-tokens.ts";
import { ROOT } from "./toolchain.ts";
import { loadWorkloadsImage } from "./workloads-image.ts";

/** What Prometheus says of one target. */
export interface Target {
  readonly labels: { readonly job: string };
  readonly health: string;
  readonly lastError: string;
}

/** A checkout whose stack has the services of `mlops` on the test cluster, with TLS between them, and ways to ask them. */
export class ServiceStack {
  readonly cluster: TestCluster;
  readonly checkout: ClusterCheckout;
  readonly certificate: ServicesCertificate;

  private constructor(cluster: TestCluster, checkout: ClusterCheckout, certificate: ServicesCertificate) {
    this.cluster = cluster;
    this.checkout = checkout;
    this.certificate = certificate;
  }

  /** Loads images, and says in the stack's settings where they are; deploys nothing. @param signer whose tokens the model API takes */
  static async prepare(signer: Signer): Promise<ServiceStack> {
    const cluster = await testCluster();
    await loadMinioImage(cluster);
    await loadWorkloadsImage(cluster);
    await loadServiceImages(cluster);
    await loadPostgresImage(cluster);
    await loadMlflowImage(cluster);
    await loadProgramImage(cluster, "mlops");
    await cluster.freeVolumes(6, "10Gi");
    const spec = parseDocument(readFileSync(join(ROOT, "config/platforms/mlops.yaml"), "utf8"));
    spec.setIn(["services", "mlflow", "logins"], { ana: "read", [TRAINING_ACCOUNTS.training]: "edit" });
    const mlops = spec.toString({ lineWidth: 0 });
    const checkout = await ClusterCheckout.make(cluster, { servers: 1, createNamespace: false }, { mlops });
    const certificate = await ServicesCertificate.supply(cluster, checkout.namespace);
    await checkout.set({
      "services.tls.from": "secret",
      "services.tls.secret": "supplied",
      "services.images.prometheus": SERVICE_IMAGES.prometheus,
      "services.images.alertmanager": SERVICE_IMAGES.alertmanager,
      "services.images.grafana": SERVICE_IMAGES.grafana,
      "services.images.logs": SERVICE_IMAGES.logs,
      "services.images.mlflow": MLFLOW_IMAGE,
      "services.images.postgresExporter": SERVICE_IMAGES.postgres_exporter,
      "services.tokens.jwks": signer.jwks,
      "services.tokens.issuer": ISSUER,
      "programImages.mlops": programImage("mlops"),
      "exportedServiceAccounts[0]": TRAINING_ACCOUNTS.data,
      "exportedServiceAccounts[1]": TRAINING_ACCOUNTS.training,
      "postgres.kind": "statefulset",
      "postgres.image": POSTGRES_IMAGE,
      "postgres.memory": "256Mi",
      "postgres.cpu": "50m",
      "postgres.namespace": checkout.namespace,
      "postgres.createNamespace": false,
    });
    for (const key of ["databaseKey", "servicesKey"]) await checkout.setSecret(key, randomBytes(32).toString("base64"));
    return new ServiceStack(cluster, checkout, certificate);
  }

  async remove(): Promise<void> {
    await this.checkout.remove();
    this.certificate.remove();
  }

  /** Speaks with a service through a forwarded port. */
  async through<T>(service: string, port: number, speak: (address: string) => Promise<T>): Promise<T> {
    const { port: local, close } = await this.cluster.forward(this.checkout.namespace, `service/${service}`, port);
    try {
      return await speak(`127.0.0.1:${local}`);
    } finally {
      await close();
    }
  }

  /** As another pod would: by the authority, at the service's own name. */
  answer(
    service: string,
    port: number,
    path: string,
    init: Parameters<typeof askSecured>[2] = {},
  ): Promise<SecuredAnswer> {
    const known = { ca: this.certificate.authority, host: this.certificate.hostOf(service) };
    return this.through(service, port, (address) => askSecured(`https://${address}${path}`, known, init));
  }

  async ask<T>(service: string, port: number, path: string): Promise<T> {
    return JSON.parse((await this.answer(service, port, path)).text) as T;
  }

  async secret(name: string, key: string): Promise<string> {
    const wanted = ["get", "secret", name, "-o", `jsonpath={.data.${key}}`];
    return Buffer.from(await this.cluster.kubectl("-n", this.checkout.namespace, ...wanted), "base64").toString();
  }

  /** Lines of the store of logs, as a person on a laptop finds them. */
  async searched(query: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const options = ["--stack", "cluster", "--query", query, "--format", "json"];
    return JSON.parse(await this.checkout.must("bin/bucketworks", "logs", ...options)).lines;
  }

  /** A number that LogsQL computes of a pod's lines. */
  async stats(pod: string, what: string): Promise<number> {
    return Number((await this.searched(`pod:=${pod} container:=writer | stats ${what} number`))[0]?.number ?? 0);
  }

  async targets(): Promise<readonly Target[]> {
    const path = "/api/v1/targets?state=active";
    return (await this.ask<{ data: { activeTargets: Target[] } }>("prometheus", 9090, path)).data.activeTargets;
  }
}
