import { readFileSync } from "node:fs";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { type Certificate, makeCertificate, renewCertificate, suppliedCertificate } from "./tls.ts";

/** The one certificate of a namespace's services, in the Secret `supplied`: `*.NAMESPACE.svc.cluster.local`. */
export class ServicesCertificate {
  readonly #cluster: TestCluster;
  readonly #namespace: string;
  readonly #certificate: Certificate;

  private constructor(cluster: TestCluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#certificate = makeCertificate(this.#hosts());
  }

  /** Makes namespace and Secret, before a stack makes anything. */
  static async supply(cluster: TestCluster, namespace: string): Promise<ServicesCertificate> {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } });
    await cluster.kubectl("wait", "--for=create", "serviceaccount/default", "-n", namespace, "--timeout=30s");
    const made = new ServicesCertificate(cluster, namespace);
    await made.#put();
    return made;
  }

  get caFile(): string {
    return this.#certificate.caFile;
  }

  get authority(): string {
    return readFileSync(this.caFile, "utf8");
  }

  /** Host that a service proves. */
  hostOf(service: string): string {
    return `${service}.${this.#namespace}.svc.cluster.local`;
  }

  /** Another certificate of the same authority, as cert-manager would bring it. */
  async renew(): Promise<void> {
    renewCertificate(this.#certificate, this.#hosts());
    await this.#put();
  }

  remove(): void {
    this.#certificate.remove();
  }

  #hosts(): string[] {
    return [`*.${this.#namespace}.svc.cluster.local`];
  }

  async #put(): Promise<void> {
    await this.#cluster.apply(suppliedCertificate(this.#namespace, this.#certificate));
  }
}

/** What a server answered, and the number of the certificate that it showed. */
export interface SecuredAnswer {
  readonly status: number;
  readonly text: string;
  readonly serial: string;
}

/** Asks at a local port a server whose certificate has to name `host`. */
export function askSecured(
  url: string,
  { ca, host }: { readonly ca: string | undefined; readonly host: string },
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<SecuredAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, servername: host, agent: false, ...(ca !== undefined && { ca }) });
    asked.on("error", reject);
    asked.on("response", (answer) => {
      const { serialNumber: serial } = (answer.socket as import("node:tls").TLSSocket).getPeerCertificate();
      text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, text: said, serial }), reject);
    });
    asked.end(body);
  });
}
