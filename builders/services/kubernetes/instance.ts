import type { Manifest, ManifestOf, Metadata } from "../../kubernetes/manifest.ts";
import type { LoginRoles } from "../mlflow-logins.ts";
import type { ServicePlace } from "./place.ts";

/** One program of a service as it runs on the cluster. */
export interface Instance {
  /** Of its objects: `prometheus`, or `mlops-mlflow` where each platform has its own. */
  readonly name: string;
  /** Name of the platform it belongs to; null where one serves the stack. */
  readonly platform: string | null;
  readonly port: number;
}

/** Who logs in to an MLflow, and in which Secrets that is. */
export interface MlflowLogins {
  readonly roles: LoginRoles;
  readonly server: Metadata;
  /** By login; the admin's is among them. */
  readonly each: Readonly<Record<string, Metadata>>;
}

/** Secrets of a service, and what makes them. */
export interface Needs {
  /** The token of Prometheus's own user on the object store. */
  readonly metricsToken?: true;
  /** Whom Alertmanager tells, in a Secret of its own. */
  readonly receivers?: Metadata;
  /** Service account of the object store. */
  readonly key?: string;
  /** Role on the database server. */
  readonly login?: string;
  /** The login of the role that reads statistics of the database server, in a Secret of its own. */
  readonly metricsLogin?: Metadata;
  /** A login of its own, made from the stack's key for services, in a Secret. */
  readonly ownLogin?: { readonly metadata: Metadata; readonly user: string };
  /** Who logs in to this MLflow; made from the stack's key for services, too. */
  readonly mlflowLogins?: MlflowLogins;
  /** It reads logins of services: with another key there are other pods. */
  readonly readsLogins?: true;
}

/** One program of a service, and what it takes to run it, without the Secrets that it names. */
export interface PlannedService {
  readonly instance: Instance;
  readonly manifests: readonly Manifest[];
  readonly needs: Needs;
}

/** Chooses its pods, and no workload's of the same name. */
export function selector({ name }: Pick<Instance, "name">): Record<string, string> {
  return { "bucketworks.io/service": name };
}

/** Of everything that belongs to it. */
export function labels(instance: Instance): Record<string, string> {
  const { name, platform } = instance;
  return {
    ...selector(instance),
    "app.kubernetes.io/name": name,
    "app.kubernetes.io/component": "service",
    ...(platform !== null && ofPlatform(platform)),
    "app.kubernetes.io/managed-by": "bucketworks",
  };
}

/** Of a platform's services and workloads. */
export function ofPlatform(platform: string): Record<string, string> {
  return { "app.kubernetes.io/part-of": platform };
}

/** Name and namespace; `suffix` tells its objects apart. */
export function metadata(instance: Instance, { server }: ServicePlace, suffix = ""): Metadata {
  const name = suffix === "" ? instance.name : `${instance.name}-${suffix}`;
  return { name, namespace: server.namespace, labels: labels(instance) };
}

/** Pods of any namespace with this label reach it. */
export function clientLabel({ name }: Pick<Instance, "name">): Record<string, string> {
  return { [`bucketworks.io/${name}-client`]: "true" };
}

/** Its series' job: `mlops-model-api` is a `model-api`, of the platform that another label names. */
export function jobOf({ name, platform }: Instance): string {
  return platform === null ? name : name.slice(platform.length + 1);
}

/** Its pods' own, which opens nothing. */
export function serviceAccount(instance: Instance, place: ServicePlace): ManifestOf<"ServiceAccount"> {
  const about = metadata(instance, place);
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: about, automountServiceAccountToken: false };
}
