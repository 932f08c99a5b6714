import type { BackupTargets } from "../../config/stack/backup-targets.ts";
import type { ProgramImage } from "../../config/values/image.ts";
import type { Metadata } from "../kubernetes/manifest.ts";
import { objectName } from "../kubernetes/object-name.ts";

/** How programs of the cluster know its services. */
export interface KnownServices {
  /** Secret whose `ca.crt` is the CA of their certificates. */
  readonly caSecret: string;
  /** What follows a service's name in its host. */
  readonly domain: string;
}

/** Where the workloads of a platform run, and what they find there. */
export interface WorkloadPlace {
  readonly platform: string;
  /** Tells one text of the platform's file from another. */
  readonly configDigest: string;
  readonly namespace: string;
  readonly stage: string;
  /** Image of workloads that name none. */
  readonly image: string;
  /** Of workloads that run a data program. */
  readonly programImages: Readonly<Partial<Record<ProgramImage, string>>>;
  readonly imagePullSecret: string | undefined;
  /** URL of the S3 API inside the cluster. */
  readonly server: string;
  /** Secret whose `ca.crt` is the CA of the server's certificate; undefined without TLS. */
  readonly caSecret: string | undefined;
  /** The same of the database server. */
  readonly databaseCaSecret: string | undefined;
  /** How the stack's services are known, MLflow and Alertmanager among them; absent where they speak plain HTTP. */
  readonly services?: KnownServices | undefined;
  /** Other servers that backups go to, of the stack. */
  readonly backupTargets: BackupTargets;
}

/** Of everything that belongs to a platform's workloads. */
export function platformLabels({ platform }: WorkloadPlace): Record<string, string> {
  return { "app.kubernetes.io/part-of": platform, "app.kubernetes.io/managed-by": "bucketworks" };
}

/** Chooses the pods of one workload. */
export function selector(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}

export function metadata(name: string, place: WorkloadPlace): Metadata {
  return { name, namespace: place.namespace, labels: { ...selector(name), ...platformLabels(place) } };
}

/** Name of the Secret with the key of a service account. */
export function keySecretName(serviceAccount: string): string {
  return objectName(`${serviceAccount}-s3`);
}
