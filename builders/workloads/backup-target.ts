import type { V1EnvVar, V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import type { WorkloadStep } from "../../config/model.ts";
import { BACKUP_TARGET } from "../backup-target-variables.ts";
import { objectName } from "../kubernetes/object-name.ts";
import type { WorkloadPlace } from "./workload-metadata.ts";

const CA_DIR = "/etc/bucketworks/backup-target-ca";
/** Of the Secret: the CA of the other server's certificate, where no public one signed it. */
export const CA_KEY = "ca.crt";

/** What a step that makes backups on another server finds of it. */
interface BackupTargetParts {
  readonly env: readonly V1EnvVar[];
  readonly mount?: V1VolumeMount;
  readonly volume?: V1Volume;
}

/** Name of the Secret with the key of the other server that a platform's backups go to. */
export function backupTargetSecretName(platform: string): string {
  return objectName(`${platform}-backup-target`);
}

/** Its key and CA come by reference; where it is, is no secret. */
export function backupTargetParts({ backupTarget: name }: WorkloadStep, place: WorkloadPlace): BackupTargetParts {
  if (name === undefined) return { env: [] };
  // The policies judge pods before a stack says where it is.
  const { endpoint, region, caFile } = place.backupTargets[name] ?? { endpoint: "" };
  const secretName = backupTargetSecretName(place.platform);
  const plain = {
    [BACKUP_TARGET.url]: endpoint,
    ...(region !== undefined && { [BACKUP_TARGET.region]: region }),
    ...(caFile !== undefined && { [BACKUP_TARGET.caFile]: `${CA_DIR}/${CA_KEY}` }),
  };
  const env = [
    ...Object.entries(plain).map(([key, value]) => ({ name: key, value })),
    ...[BACKUP_TARGET.accessKey, BACKUP_TARGET.secretKey].map((key) => ({
      name: key,
      valueFrom: { secretKeyRef: { name: secretName, key } },
    })),
  ];
  if (caFile === undefined) return { env };
  return {
    env,
    mount: { name: "backup-target-ca", mountPath: CA_DIR, readOnly: true },
    volume: { name: "backup-target-ca", secret: { secretName, items: [{ key: CA_KEY, path: CA_KEY }] } },
  };
}
