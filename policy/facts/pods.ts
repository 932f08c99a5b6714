import type { Fact, Facts } from "../facts.ts";
import { plain } from "./known-value.ts";
import type { Security, WorkloadFacts } from "./kubernetes.ts";

/** Of a pod's specification, what rules judge. */
export interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly securityContext?: SecurityContext;
  readonly restartPolicy?: string;
  readonly activeDeadlineSeconds?: number;
  readonly automountServiceAccountToken?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
}

interface Volume {
  readonly hostPath?: { readonly path?: string };
  readonly projected?: { readonly sources?: readonly { readonly serviceAccountToken?: unknown }[] };
}

interface Container {
  readonly name: string;
  readonly image?: string;
  readonly resources?: { readonly requests?: unknown; readonly limits?: unknown };
  readonly securityContext?: SecurityContext;
  readonly ports?: readonly { readonly hostPort?: number }[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly readinessProbe?: unknown;
  readonly livenessProbe?: unknown;
  /** Of a container that is started before the others: `Always` makes it a sidecar. */
  readonly restartPolicy?: string;
}

interface SecurityContext {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly capabilities?: { readonly drop?: readonly string[]; readonly add?: readonly string[] };
  readonly seccompProfile?: { readonly type?: string };
}

const HOST_NAMESPACES = ["hostNetwork", "hostPID", "hostIPC"] as const;

/** Every container of a pod; `initial` are those that are started before the others. */
export function containersOf({ initContainers = [], containers = [] }: PodSpec): {
  readonly initial: boolean;
  readonly container: Container;
}[] {
  return [
    ...initContainers.map((container) => ({ initial: true, container })),
    ...containers.map((container) => ({ initial: false, container })),
  ];
}

type OfPods = "images" | "resources" | "security" | "host" | "literals" | "token";

/** @param known reads something of the pod, each by itself: a value that isn't known leaves the others judged */
export function podFacts(known: <T>(read: (pod: PodSpec) => T) => Fact<T>): Facts<Pick<WorkloadFacts, OfPods>> {
  const each = <T>(read: (container: Container, pod: PodSpec) => T) =>
    known((pod) =>
      containersOf(pod).map(({ container }) => ({ container: String(container.name), ...read(container, pod) })),
    );
  return {
    images: each(({ image = "" }) => ({ image: String(image) })),
    resources: each(({ resources = {} }) => ({
      requests: quantities(resources.requests),
      limits: quantities(resources.limits),
    })),
    security: each((container, pod) => securityOf(container.securityContext ?? {}, pod.securityContext ?? {})),
    host: known(hostOf),
    literals: known(literalsOf),
    token: known(({ automountServiceAccountToken: automount, volumes = [] }) => ({
      automount,
      projected: volumes.some(({ projected }) => projected?.sources?.some((each) => each.serviceAccountToken)),
    })),
  };
}

function quantities(value: unknown): Record<string, string> {
  return (plain(value) ?? {}) as Record<string, string>;
}

function securityOf(own: SecurityContext, pod: SecurityContext): Security {
  return {
    runAsNonRoot: own.runAsNonRoot ?? pod.runAsNonRoot,
    runAsUser: own.runAsUser ?? pod.runAsUser,
    privileged: own.privileged,
    allowPrivilegeEscalation: own.allowPrivilegeEscalation,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem,
    drop: names(own.capabilities?.drop),
    add: names(own.capabilities?.add),
    seccomp: (own.seccompProfile ?? pod.seccompProfile)?.type,
  };
}

function names(capabilities: readonly string[] = []): string[] {
  return capabilities.map((name) => String(name).replace(/^CAP_/, ""));
}

function hostOf(pod: PodSpec): WorkloadFacts["host"] {
  return {
    namespaces: HOST_NAMESPACES.filter((key) => pod[key] === true),
    paths: (pod.volumes ?? []).flatMap(({ hostPath }) => (hostPath === undefined ? [] : [String(hostPath.path)])),
    ports: containersOf(pod).flatMap(({ container: { name, ports = [] } }) =>
      ports.flatMap(({ hostPort }) => (hostPort ? [{ container: name, port: hostPort }] : [])),
    ),
  };
}

function literalsOf(pod: PodSpec): WorkloadFacts["literals"] {
  return containersOf(pod).flatMap(({ container: { name, env = [] } }) =>
    env.flatMap(({ name: variable, value }) =>
      value === undefined || value === "" ? [] : [{ container: name, variable, value: String(value) }],
    ),
  );
}
