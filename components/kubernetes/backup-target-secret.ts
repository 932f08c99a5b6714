import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import { BACKUP_TARGET } from "../../builders/backup-target-variables.ts";
import { backupTargetSecretName, CA_KEY } from "../../builders/workloads/backup-target.ts";
import { platformLabels, type WorkloadPlace } from "../../builders/workloads/workload-metadata.ts";
import type { BackupTargetSettings } from "../../config/stack/settings.ts";
import { readFileText } from "../../config/system-fault.ts";

/**
 * The key of another server for the job that backs a platform up to it, with the CA of its certificate. Each run reads it, so
 * another key needs no other pod.
 * @param target its name in bucketworks:backupTargets
 */
export function backupTargetSecret(
  target: string,
  place: WorkloadPlace,
  targets: Readonly<Record<string, BackupTargetSettings>>,
  opts: pulumi.CustomResourceOptions,
): Secret {
  const found = targets[target];
  if (found === undefined) {
    throw new pulumi.RunError(
      `platform ${place.platform} is backed up to ${target}, which the stack doesn't have in bucketworks:backupTargets; declare it (docs/backup.md)`,
    );
  }
  const { accessKey, secretKey, caFile } = found;
  const name = backupTargetSecretName(place.platform);
  const data = {
    ...{ [BACKUP_TARGET.accessKey]: accessKey, [BACKUP_TARGET.secretKey]: secretKey },
    ...(caFile !== undefined && { [CA_KEY]: readFileText(caFile) }),
  };
  return new Secret(
    `Secret/${name}`,
    {
      metadata: { name, namespace: place.namespace, labels: platformLabels(place) },
      stringData: pulumi.secret(data),
    },
    opts,
  );
}
