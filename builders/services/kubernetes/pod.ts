import { createHash } from "node:crypto";
import type { V1Container, V1EnvVar, V1PodTemplateSpec, V1Probe, V1VolumeMount } from "@kubernetes/client-node";
import { CONTAINER_SECURITY, podSecurity } from "../../kubernetes/pod-security.ts";
import { type Instance, labels } from "./instance.ts";
import type { Mounted } from "./mounted.ts";
import type { ServicePlace } from "./place.ts";
import { certificateFiles, hasTls, portName } from "./tls.ts";

/** What differs between the programs. */
export interface PodParts {
  readonly image: string;
  /** The image's own user, who owns the volumes. */
  readonly user: number;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly V1EnvVar[];
  /** Paths that answer 200: while it lives, and while it takes requests. */
  readonly health: { readonly live: string; readonly ready: string };
  readonly cpu: string;
  readonly memory: string;
  readonly files?: readonly Mounted[];
  /** Folders that it writes to, by the most they hold; they go with the pod. */
  readonly scratch?: Readonly<Record<string, string>>;
  /** Where the volume of a StatefulSet lies, which is called `data`. */
  readonly data?: string;
  /** By which servers let it in. */
  readonly clientOf?: Readonly<Record<string, string>>;
  /** Texts that it was started with: with others there are other pods. */
  readonly settings?: readonly string[];
  /** Runs before it, with the same image, files and variables. */
  readonly before?: { readonly name: string; readonly command: readonly string[] };
  readonly graceSeconds?: number;
}

/** The settings that the pods were started with. */
const SETTINGS = "bucketworks.io/settings";

/** A pod that Pod Security `restricted` admits: no root, no rights, nothing to write to but what is named. */
export function podTemplate(instance: Instance, parts: PodParts, place: ServicePlace): V1PodTemplateSpec {
  const { user, scratch = {}, clientOf, settings = [], before, graceSeconds } = parts;
  const files = [...(parts.files ?? []), ...certificateFiles(instance, place)];
  const all = { ...parts, files };
  const { imagePullSecret } = place.server;
  const annotations = { [SETTINGS]: digest(settings) };
  const folders = Object.values(scratch).map((sizeLimit, index) => ({
    name: `scratch-${index}`,
    emptyDir: { sizeLimit },
  }));
  return {
    metadata: { labels: { ...labels(instance), ...clientOf }, ...(settings.length > 0 && { annotations }) },
    spec: {
      serviceAccountName: instance.name,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(graceSeconds !== undefined && { terminationGracePeriodSeconds: graceSeconds }),
      ...(imagePullSecret !== undefined && { imagePullSecrets: [{ name: imagePullSecret }] }),
      securityContext: podSecurity(user),
      ...(before && {
        initContainers: [{ ...common(all), name: before.name, command: [...before.command] }],
      }),
      containers: [container(instance, all, place)],
      volumes: [...files.map(({ volume }) => volume), ...folders],
    },
  };
}

function container({ name, port }: Instance, parts: PodParts, place: ServicePlace): V1Container {
  const { command, args, health } = parts;
  const scheme = hasTls(place) && { scheme: "HTTPS" };
  const probe = (path: string): V1Probe => ({ httpGet: { path, port: portName(place), ...scheme } });
  return {
    ...common(parts),
    name,
    ...(command && { command: [...command] }),
    ...(args && { args: [...args] }),
    ports: [{ name: portName(place), containerPort: port, protocol: "TCP" }],
    startupProbe: { ...probe(health.live), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 90 },
    readinessProbe: { ...probe(health.ready), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...probe(health.live), periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 3 },
  };
}

function common({ image, env, cpu, memory, files = [], scratch = {}, data }: PodParts): Omit<V1Container, "name"> {
  const mounts: V1VolumeMount[] = [
    ...(data === undefined ? [] : [{ name: "data", mountPath: data }]),
    ...files.map(({ path, volume }) => ({ name: volume.name, mountPath: path, readOnly: true })),
    ...Object.keys(scratch).map((mountPath, index) => ({ name: `scratch-${index}`, mountPath })),
  ];
  return {
    image,
    imagePullPolicy: "IfNotPresent",
    ...(env && { env: [...env] }),
    resources: { requests: { cpu, memory }, limits: { memory } },
    securityContext: CONTAINER_SECURITY,
    volumeMounts: mounts,
  };
}

function digest(texts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 16);
}
