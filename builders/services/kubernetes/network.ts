import type { V1NetworkPolicyPeer, V1NetworkPolicyPort, V1ServicePort } from "@kubernetes/client-node";
import type { IngressRule, Manifest, ManifestOf } from "../../kubernetes/manifest.ts";
import { clientLabel, type Instance, metadata, ofPlatform, selector } from "./instance.ts";
import { hostOf, type ServicePlace } from "./place.ts";
import { hasTls, portName, tlsSecretName } from "./tls.ts";

/** Pods with this label read metrics, of the object store as well. */
export const METRICS_CLIENT = { "bucketworks.io/metrics-client": "true" } as const;

/** Whom a service speaks with: pods of this namespace, on one port. */
export interface Peer {
  readonly pods: Readonly<Record<string, string>>;
  readonly port: number;
}

/** Who comes in to a service, and whom it reaches. */
export interface Traffic {
  /** Labels of pods that come in, of any namespace; its own clients always do. */
  readonly from: readonly Readonly<Record<string, string>>[];
  /** Whose workloads come in, too. */
  readonly platform?: string;
  /** Undefined is everybody: receivers of alerts are anywhere. */
  readonly to: readonly Peer[] | undefined;
  /** Ports of servers outside the cluster. */
  readonly outside?: readonly number[];
}

/** What clients use. Nothing waits for it: the pods are waited for themselves. */
export function service(instance: Instance, place: ServicePlace): ManifestOf<"Service"> {
  const about = metadata(instance, place);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...about, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: {
      type: "ClusterIP",
      selector: selector(instance),
      ports: [servicePort(instance, place)],
    },
  };
}

/** Its pods one by one, in DNS: metrics are each pod's own, and nobody needs a token of Kubernetes to find them. */
export function podsService(instance: Instance, place: ServicePlace): ManifestOf<"Service"> {
  const about = metadata(instance, place, "pods");
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { ...about, annotations: { "pulumi.com/skipAwait": "true" } },
    spec: {
      clusterIP: "None",
      // One that isn't ready is looked at, too: that is when it matters.
      publishNotReadyAddresses: true,
      selector: selector(instance),
      ports: [servicePort(instance, place)],
    },
  };
}

/** The one that it listens on. */
export function servicePort({ port }: Pick<Instance, "port">, place: ServicePlace): V1ServicePort {
  const name = portName(place);
  return { name, port, targetPort: name, protocol: "TCP" };
}

/** Nobody in and nothing out, but what is named; names are looked up anywhere, since a node may do that itself. */
export function networkPolicies(instance: Instance, traffic: Traffic, place: ServicePlace): Manifest[] {
  const { from, platform, to, outside = [] } = traffic;
  const podSelector = { matchLabels: selector(instance) };
  const policy = (suffix: string, spec: object): ManifestOf<"NetworkPolicy"> => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(instance, place, suffix),
    spec: { podSelector, policyTypes: ["Ingress"], ingress: [], ...spec },
  });
  const inside = [clientLabel(instance), ...from].map(anywhere);
  const workloads = platform === undefined ? [] : [{ podSelector: { matchLabels: ofPlatform(platform) } }];
  const controller = hostIn(instance, place) === undefined ? [] : [ingressController(place)];
  const ingress: IngressRule[] = [{ from: [...inside, ...workloads, ...controller], ports: [tcp(instance.port)] }];
  const egress = to && [
    { ports: [tcp(53), { port: 53, protocol: "UDP" }] },
    ...to.map(({ pods, port }) => ({ to: [{ podSelector: { matchLabels: pods } }], ports: [tcp(port)] })),
    ...(outside.length === 0 ? [] : [{ ports: outside.map(tcp) }]),
  ];
  return [
    policy("deny", egress === undefined ? {} : { policyTypes: ["Ingress", "Egress"], egress: [] }),
    policy("clients", { ingress }),
    ...(egress === undefined ? [] : [policy("servers", { policyTypes: ["Egress"], egress })]),
  ];
}

function anywhere(matchLabels: Readonly<Record<string, string>>): V1NetworkPolicyPeer {
  return { namespaceSelector: {}, podSelector: { matchLabels } };
}

/** Pods of a controller are made by others and have none of our labels: they are known by their namespace. */
function ingressController({ settings }: ServicePlace): V1NetworkPolicyPeer {
  const name = settings.ingress?.from.namespace;
  return { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name ?? "" } } };
}

function tcp(port: number): V1NetworkPolicyPort {
  return { port, protocol: "TCP" };
}

/** Name under which it is reached from outside; undefined where it isn't. */
function hostIn({ name }: Instance, { settings }: ServicePlace): string | undefined {
  return settings.ingress?.hosts[name];
}

/** @returns nothing where it has no host */
export function ingress(instance: Instance, place: ServicePlace): ManifestOf<"Ingress">[] {
  const host = hostIn(instance, place);
  if (host === undefined) return [];
  const { className, tlsSecret, annotations } = place.settings.ingress ?? {};
  const backend = { service: { name: instance.name, port: { name: portName(place) } } };
  return [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: {
        ...metadata(instance, place),
        annotations: {
          "pulumi.com/skipAwait": "true",
          // Models are as large as they are, and are passed on as they come.
          "nginx.ingress.kubernetes.io/proxy-body-size": "0",
          "nginx.ingress.kubernetes.io/proxy-request-buffering": "off",
          ...(hasTls(place) && verifiedByNginx(instance, place)),
          ...annotations,
        },
      },
      spec: {
        ...(className !== undefined && { ingressClassName: className }),
        ...(tlsSecret !== undefined && { tls: [{ hosts: [host], secretName: tlsSecret }] }),
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
      },
    },
  ];
}

/** By itself nginx would take any certificate of a pod. */
function verifiedByNginx(instance: Instance, place: ServicePlace): Record<string, string> {
  const of = (suffix: string): string => `nginx.ingress.kubernetes.io/${suffix}`;
  return {
    [of("backend-protocol")]: "HTTPS",
    [of("proxy-ssl-secret")]: `${place.server.namespace}/${tlsSecretName(instance, place)}`,
    [of("proxy-ssl-verify")]: "on",
    [of("proxy-ssl-name")]: hostOf(instance.name, place),
    [of("proxy-ssl-server-name")]: "on",
  };
}
