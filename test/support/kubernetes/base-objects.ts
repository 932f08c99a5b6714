import { CLUSTER_DOMAIN, DNS_ADDRESS, NODE } from "./addresses.ts";
import { COREDNS_IMAGE } from "./layout.ts";

/** A Kubernetes object as it is sent. */
export type Manifest = Readonly<Record<string, unknown>>;

/** The default storage class; its volumes are folders of the node, made beforehand. */
export const STORAGE_CLASS = "local";

/** What a bare cluster needs before pods can be told to use names and volumes. */
export function baseObjects(): Manifest[] {
  return [storageClass(), ...nameServer()];
}

function storageClass(): Manifest {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: STORAGE_CLASS, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: "WaitForFirstConsumer",
  };
}

export interface Claim {
  readonly namespace: string;
  readonly name: string;
}

/** A volume in a folder of the node; kept when its claim goes. @param claim the one that gets it; absent is any */
export function localVolume(name: string, path: string, size: string, claim?: Claim): Manifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      capacity: { storage: size },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: STORAGE_CLASS,
      ...(claim && { claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", ...claim } }),
      local: { path },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [NODE] }] },
          ],
        },
      },
    },
  };
}

const COREFILE = `.:53 {
    errors
    health
    ready
    kubernetes ${CLUSTER_DOMAIN} in-addr.arpa ip6.arpa {
        pods insecure
        ttl 5
    }
    cache 5
    loadbalance
}
`;

function nameServer(): Manifest[] {
  const namespace = "kube-system";
  const labels = { "k8s-app": "kube-dns" };
  const named = (name: string) => ({ name, namespace });
  const account = named("coredns");
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: account },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "system:coredns" },
      rules: [
        { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: ["list", "watch"] },
        { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
      ],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "system:coredns" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "system:coredns" },
      subjects: [{ kind: "ServiceAccount", ...account }],
    },
    { apiVersion: "v1", kind: "ConfigMap", metadata: account, data: { Corefile: COREFILE } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: named("kube-dns"),
      spec: {
        selector: labels,
        clusterIP: DNS_ADDRESS,
        ports: [
          { name: "dns", port: 53, protocol: "UDP" },
          { name: "dns-tcp", port: 53, protocol: "TCP" },
        ],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: account,
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: nameServerPod() },
      },
    },
  ];
}

function nameServerPod(): object {
  return {
    serviceAccountName: "coredns",
    dnsPolicy: "Default",
    priorityClassName: "system-cluster-critical",
    containers: [
      {
        name: "coredns",
        image: COREDNS_IMAGE,
        imagePullPolicy: "Never",
        args: ["-conf", "/etc/coredns/Corefile"],
        readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
        volumeMounts: [{ name: "config", mountPath: "/etc/coredns" }],
      },
    ],
    volumes: [{ name: "config", configMap: { name: "coredns" } }],
  };
}
