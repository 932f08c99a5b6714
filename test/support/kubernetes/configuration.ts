import { CLUSTER_DOMAIN, DNS_ADDRESS, NODE, POD_NETWORK } from "./addresses.ts";
import { kubeconfigOf } from "./components.ts";
import { INSIDE, PAUSE_IMAGE } from "./layout.ts";

/** Configuration files of the node's components, by name under `config/`; JSON where YAML would do. */
export function configurationFiles(cgroup: string): Readonly<Record<string, string>> {
  return {
    "containerd.toml": CONTAINERD,
    "cni/10-bridge.conflist": text(CNI),
    "kubelet.json": text(kubelet(cgroup)),
    "kube-proxy.json": text(KUBE_PROXY),
    "resolv.conf": "",
  };
}

function text(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

const CONTAINERD = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Lowering a score needs CAP_SYS_RESOURCE, which even root may lack.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${INSIDE.packages}/usr/lib/cni"
    conf_dir = "${INSIDE.config}/cni"
`;

const CNI = {
  cniVersion: "1.0.0",
  name: "bridge",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: { type: "host-local", ranges: [[{ subnet: POD_NETWORK }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

function kubelet(cgroup: string): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    containerRuntimeEndpoint: `unix://${INSIDE.containerd}`,
    clusterDNS: [DNS_ADDRESS],
    clusterDomain: CLUSTER_DOMAIN,
    resolvConf: `${INSIDE.config}/resolv.conf`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${INSIDE.pki}/ca.crt` },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: `${INSIDE.pki}/server.crt`,
    tlsPrivateKeyFile: `${INSIDE.pki}/server.key`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    // As for containerd: a score can't be lowered, and the limit of open files can't be raised.
    oomScoreAdj: 0,
    maxOpenFiles: 20000,
    volumePluginDir: "/var/lib/kubelet/volume-plugins",
    // The disk is the host's: how full it is says nothing about the node.
    evictionHard: {
      "memory.available": "100Mi",
      "nodefs.available": "0%",
      "nodefs.inodesFree": "0%",
      "imagefs.available": "0%",
      "imagefs.inodesFree": "0%",
    },
    imageGCHighThresholdPercent: 100,
  };
}

const KUBE_PROXY = {
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  clientConnection: { kubeconfig: kubeconfigOf("kube-proxy") },
  hostnameOverride: NODE,
  mode: "iptables",
  clusterCIDR: POD_NETWORK,
  // Its limits belong to the whole machine.
  conntrack: { maxPerCore: 0 },
};
