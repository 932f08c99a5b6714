import * as pulumi from "@pulumi/pulumi";
import { keyProfile } from "../../../builders/key-variables.ts";
import { type Metadata, parted } from "../../../builders/kubernetes/manifest.ts";
import { withPodAnnotation } from "../../../builders/kubernetes/pod-annotation.ts";
import { backupPassword, backupRoleStatements } from "../../../builders/postgres/backup-role.ts";
import { bootstrapStatements } from "../../../builders/postgres/configuration.ts";
import { connectionVariables } from "../../../builders/postgres/connection-variables.ts";
import type { DatabasePlan } from "../../../builders/postgres/database-plan.ts";
import { keySecretName, loginSecretName, type OneBackup } from "../../../builders/postgres/kubernetes/backup-pods.ts";
import { KEY_ANNOTATION, metadata, POSTGRES_PORT, serverHost } from "../../../builders/postgres/kubernetes/manifest.ts";
import { oneServer } from "../../../builders/postgres/kubernetes/stateful-set.ts";
import { metricsRoleStatements } from "../../../builders/postgres/metrics-role.ts";
import { MAINTENANCE_DATABASE, ownerVerifier } from "../../../builders/postgres/passwords.ts";
import { hasTls, type OnePostgres } from "../../../config/postgres-server/schema.ts";
import { BACKUP_ROLE } from "../../../config/values/database-names.ts";
import type { CredentialOutput } from "../../outputs.ts";
import { inputText } from "../input-text.ts";
import type { PostgresParts, SecretArgs } from "./parts.ts";

export interface StatefulSetArgs {
  readonly plan: DatabasePlan;
  /** Whether a role reads its statistics. */
  readonly metrics: boolean;
  readonly backup: OneBackup | undefined;
  readonly storageKeys: pulumi.Output<Record<string, CredentialOutput>>;
  readonly key: pulumi.Input<string>;
  /** Tells one key from another. */
  readonly mark: pulumi.Output<string>;
}

/** One server, which starts again with another key. */
export function statefulSetParts(
  server: OnePostgres,
  { plan, metrics, backup, storageKeys, key, mark }: StatefulSetArgs,
): PostgresParts {
  const [sets, others] = parted(oneServer(server, plan, { metrics, backup }), "StatefulSet");
  const [scheduled, needed] = parted(others, "CronJob");
  const statements = pulumi
    .output(key)
    .apply(
      (text) =>
        bootstrapStatements(ownerVerifier(text)) +
        (metrics ? metricsRoleStatements(text) : "") +
        (backup === undefined ? "" : backupRoleStatements(text)),
    );
  return {
    needed,
    server: sets.map((each) => withPodAnnotation(each, KEY_ANNOTATION, inputText(mark))),
    options: {},
    beside: scheduled,
    secrets: [
      { metadata: metadata(server, "bootstrap"), data: { "bootstrap.sql": statements } },
      ...(backup === undefined ? [] : backupSecrets(server, backup, { storageKeys, key })),
    ],
  };
}

/** The store's key, and the login that begins and ends base backups. */
function backupSecrets(
  server: OnePostgres,
  { declared, endpoint, region }: OneBackup,
  { storageKeys, key }: Pick<StatefulSetArgs, "storageKeys" | "key">,
): SecretArgs[] {
  const credentials = storageKeys.apply((all) =>
    keyProfile("default", { ...(all[declared.serviceAccount] as CredentialOutput), endpoint, region }),
  );
  const login = pulumi.output(key).apply((text) =>
    connectionVariables({
      host: serverHost(server),
      port: POSTGRES_PORT,
      user: BACKUP_ROLE,
      password: backupPassword(text),
      database: MAINTENANCE_DATABASE,
      tls: hasTls(server),
    }),
  );
  const named = (name: string): Metadata => ({ ...metadata(server), name });
  return [
    { metadata: named(keySecretName(server)), data: { credentials } },
    { metadata: named(loginSecretName(server)), data: login },
  ];
}
