import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { copyProgram } from "./images/program.ts";
import type { Manifest } from "./kubernetes/base-objects.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { findParts } from "./kubernetes/parts.ts";

const IMAGE = "localhost/argo-rollouts:test";
const NAME = "argo-rollouts";

/**
 * Installs Argo Rollouts as its makers do: its kinds, its rights, and the real controller in a pod.
 * @param authority PEM of who signed the certificate of the Prometheus that it asks
 */
export async function installRollouts(cluster: TestCluster, authority: string): Promise<void> {
  const folder = findParts()?.rollouts;
  if (folder === undefined) throw new Error("Argo Rollouts isn't built: make cluster-parts");
  await cluster.imageOfRun(IMAGE, { Entrypoint: ["/rollouts-controller"], User: "999" }, (root) => {
    copyProgram(join(folder, "rollouts-controller"), root, "rollouts-controller");
  });
  for (const kind of ["rollout", "analysis-run", "analysis-template", "cluster-analysis-template", "experiment"])
    await cluster.kubectl("apply", "--server-side", "-f", join(folder, "crds", `${kind}-crd.yaml`));
  const namespace = await cluster.namespace(NAME);
  const role = parse(readFileSync(join(folder, "role", "argo-rollouts-clusterrole.yaml"), "utf8")) as Manifest;
  const metadata = { name: NAME, namespace };
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: NAME };
  const pod = {
    serviceAccountName: NAME,
    securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: NAME,
        image: IMAGE,
        env: [{ name: "SSL_CERT_FILE", value: "/authority/ca.crt" }],
        volumeMounts: [{ name: "authority", mountPath: "/authority", readOnly: true }],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      },
    ],
    volumes: [{ name: "authority", configMap: { name: NAME } }],
  };
  const labels = { "app.kubernetes.io/name": NAME };
  await cluster.apply(
    role,
    { apiVersion: "v1", kind: "ServiceAccount", metadata },
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "ca.crt": authority } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: NAME },
      roleRef,
      subjects: [{ kind: "ServiceAccount", name: NAME, namespace }],
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: pod } },
    },
  );
  await cluster.kubectl("rollout", "status", `deployment/${NAME}`, "-n", namespace, "--timeout=120s");
}
