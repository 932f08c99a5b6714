/** The name of the one node. */
export const NODE = "node1";

/** Addresses inside the node's network namespace; nothing of them exists on the host. */
export const NODE_ADDRESS = "10.90.0.1";
export const POD_NETWORK = "10.244.0.0/24";
export const SERVICE_NETWORK = "10.96.0.0/16";
/** The Service `kubernetes` and the Service `kube-dns`: the first and the tenth of the service network. */
export const API_ADDRESS = "10.96.0.1";
export const DNS_ADDRESS = "10.96.0.10";
export const API_PORT = 6443;
export const CLUSTER_DOMAIN = "cluster.local";
