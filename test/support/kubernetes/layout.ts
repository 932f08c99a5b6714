/** Paths inside the node's mount namespace, as node.sh lays them out. They hold no blank, whatever the host's do. */
export const INSIDE = {
  /** The place's state folder. */
  state: "/run/state",
  pki: "/run/state/pki",
  config: "/run/state/config",
  volumes: "/run/state/volumes",
  packages: "/run/packages",
  containerd: "/run/containerd/containerd.sock",
} as const;

/** Image of the container that holds a pod's namespaces. */
export const PAUSE_IMAGE = "localhost/pause:test";
export const COREDNS_IMAGE = "localhost/coredns:test";
/** A shell and small tools, for tests. */
export const BUSYBOX_IMAGE = "localhost/busybox:test";
