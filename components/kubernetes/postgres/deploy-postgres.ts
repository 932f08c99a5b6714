import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { backupFault, unkeptBackup } from "../../../builders/postgres/backup.ts";
import type { DatabasePlan } from "../../../builders/postgres/database-plan.ts";
import { declaredBackup } from "../../../builders/postgres/declared-backup.ts";
import type { OneBackup } from "../../../builders/postgres/kubernetes/backup-pods.ts";
import { PLUGIN_GROUP } from "../../../builders/postgres/kubernetes/barman-plugin.ts";
import { POSTGRES_PORT, serverHost } from "../../../builders/postgres/kubernetes/manifest.ts";
import { isDatabaseRead } from "../../../builders/services/kubernetes/postgres-exporter.ts";
import type { DatabaseBackup, ResolvedModel } from "../../../config/model.ts";
import { formatCommand, formatSettingFault, removeCommand, setCommand } from "../../../config/stack/fault.ts";
import type { PostgresSettings } from "../../../config/stack/settings.ts";
import { DatabaseFault } from "../../../database/fault.ts";
import { readMigrations } from "../../../database/migration-files.ts";
import { requireOneTransaction } from "../../../database/one-transaction.ts";
import type { CredentialOutput } from "../../outputs.ts";
import { settingError } from "../../setting-error.ts";
import type { Cluster } from "../cluster.ts";
import { inputText } from "../input-text.ts";
import { requireGroup } from "../require-group.ts";
import { volumeSettings } from "../volume-settings.ts";
import { MIGRATIONS } from "./migration.ts";
import { PostgresDeployment } from "./postgres-deployment.ts";
import { type MadePostgres, madeOf, postgresFault } from "./postgres-volumes.ts";

export interface PostgresArgs {
  readonly settings: Extract<PostgresSettings, { kind: "deployed" }>;
  readonly plan: DatabasePlan;
  readonly model: ResolvedModel;
  readonly cluster: Cluster;
  /** Of the stack's service accounts, for backups. */
  readonly storageKeys: pulumi.Output<Record<string, CredentialOutput>>;
}

const ONE_SERVER = setCommand("--path bucketworks:postgres.kind statefulset");

/**
 * @returns where clients inside the cluster find the server, and what is done once its migrations are
 * @throws pulumi.RunError before anything of it is registered, in a preview too
 */
export async function deployPostgres({
  settings: { server, key },
  plan,
  model,
  cluster,
  storageKeys,
}: PostgresArgs): Promise<{ host: string; port: number; deployment: pulumi.Resource }> {
  if (cluster.workloadsImage === undefined) {
    const set = setCommand("bucketworks:workloadsImage REGISTRY/workloads:TAG");
    const build = "build images/workloads (docs/images.md), then ";
    throw settingError("the stack has no image in which migrations run", build, set);
  }
  const { settings, store } = cluster;
  refuse(backupFault(server, model, { namespace: settings.server.namespace, caSecret: store.caSecret }));
  const image = server.kind === "statefulset" ? (cluster.backupImage ?? server.backupImage) : undefined;
  const unkept = unkeptBackup(server, model.platforms, image !== undefined);
  if (unkept !== null) pulumi.log.warn(formatSettingFault(unkept, pulumi.getStack()));
  if (server.kind === "cloudnative-pg") {
    await requireGroup(
      "postgresql.cnpg.io",
      settings.context,
      `install the operator CloudNativePG, or deploy one server: ${formatCommand(ONE_SERVER, pulumi.getStack())}`,
    );
  }
  if (server.kind === "cloudnative-pg" && server.backup !== undefined) {
    const without = removeCommand("--path bucketworks:postgres.backup");
    await requireGroup(
      PLUGIN_GROUP,
      settings.context,
      `install CloudNativePG's plugin barman-cloud (docs/postgres.md), or do without backups: ${formatCommand(without, pulumi.getStack())}`,
    );
  }
  await requireMigrations(plan);
  // Last, since from then on the stack keeps to it.
  const made = madeOf(server);
  refuse(postgresFault(await volumeSettings<MadePostgres>("postgres", { ...made }), made, pulumi.getStack()));
  const deployment = new PostgresDeployment(server.name, {
    server,
    plan,
    metrics: isDatabaseRead(settings.services, settings.server, server, model.platforms),
    backup: backupOf(declaredBackup(model.platforms), image, store),
    stage: model.stage,
    key,
    image: cluster.workloadsImage,
    cluster,
    storageKeys,
  });
  return { host: serverHost(server), port: POSTGRES_PORT, deployment };
}

/** Its image may be one that this update builds. */
function backupOf(
  declared: DatabaseBackup | undefined,
  image: pulumi.Input<string> | undefined,
  store: Cluster["store"],
): OneBackup | undefined {
  return declared && image !== undefined ? { declared, image: inputText(image), ...store } : undefined;
}

/** What the Job would refuse is refused in the preview. */
async function requireMigrations({ databases }: DatabasePlan): Promise<void> {
  try {
    for (const { name } of databases.flatMap(({ platforms }) => platforms)) {
      await requireOneTransaction(join(MIGRATIONS, name), readMigrations(MIGRATIONS, name));
    }
  } catch (error) {
    throw error instanceof DatabaseFault ? new pulumi.RunError(error.message) : error;
  }
}

function refuse(fault: string | null): void {
  if (fault !== null) throw new pulumi.RunError(fault);
}
