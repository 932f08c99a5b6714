import { API_PORT, CLUSTER_DOMAIN, NODE, NODE_ADDRESS, SERVICE_NETWORK } from "./addresses.ts";
import { INSIDE } from "./layout.ts";
import type { Account } from "./pki.ts";

const pki = (name: string) => `${INSIDE.pki}/${name}`;

/** Path inside the node of the kubeconfig a component uses. */
export function kubeconfigOf(account: Account): string {
  return `${INSIDE.config}/${account}.kubeconfig`;
}

/** The command lines of a node, by component. Secrets are named by file. */
export function commandLines(): Readonly<Record<string, readonly string[]>> {
  return {
    etcd: ["etcd", "--data-dir=/run/etcd", "--name=node1", "--log-level=warn"],
    "kube-apiserver": apiServer(),
    containerd: ["containerd", `--config=${INSIDE.config}/containerd.toml`],
    "kube-controller-manager": [
      "kube-controller-manager",
      `--kubeconfig=${kubeconfigOf("kube-controller-manager")}`,
      "--leader-elect=false",
      "--use-service-account-credentials=true",
      // At the default of 20 the controllers start one by one, for seconds.
      "--kube-api-qps=500",
      "--kube-api-burst=1000",
      `--root-ca-file=${pki("ca.crt")}`,
      `--service-account-private-key-file=${pki("service-accounts.key")}`,
      `--service-cluster-ip-range=${SERVICE_NETWORK}`,
      "--flex-volume-plugin-dir=/var/lib/kubelet/volume-plugins",
    ],
    "kube-scheduler": ["kube-scheduler", `--kubeconfig=${kubeconfigOf("kube-scheduler")}`, "--leader-elect=false"],
    kubelet: [
      "kubelet",
      `--config=${INSIDE.config}/kubelet.json`,
      `--kubeconfig=${kubeconfigOf("kubelet")}`,
      `--hostname-override=${NODE}`,
      `--node-ip=${NODE_ADDRESS}`,
    ],
    "kube-proxy": ["kube-proxy", `--config=${INSIDE.config}/kube-proxy.json`],
  };
}

function apiServer(): string[] {
  return [
    "kube-apiserver",
    "--etcd-servers=http://127.0.0.1:2379",
    `--secure-port=${API_PORT}`,
    // Loopback is refused as the address of the Service `kubernetes`.
    `--advertise-address=${NODE_ADDRESS}`,
    `--service-cluster-ip-range=${SERVICE_NETWORK}`,
    `--tls-cert-file=${pki("server.crt")}`,
    `--tls-private-key-file=${pki("server.key")}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
    "--anonymous-auth=false",
    `--token-auth-file=${pki("tokens.csv")}`,
    `--service-account-issuer=https://kubernetes.default.svc.${CLUSTER_DOMAIN}`,
    `--service-account-key-file=${pki("service-accounts.pub")}`,
    `--service-account-signing-key-file=${pki("service-accounts.key")}`,
    `--kubelet-certificate-authority=${pki("ca.crt")}`,
    `--kubelet-client-certificate=${pki("kubelet-client.crt")}`,
    `--kubelet-client-key=${pki("kubelet-client.key")}`,
    // The node's name is in no DNS.
    "--kubelet-preferred-address-types=InternalIP",
    "--allow-privileged=true",
    "--profiling=false",
  ];
}
