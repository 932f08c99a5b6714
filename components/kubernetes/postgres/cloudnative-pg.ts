import * as pulumi from "@pulumi/pulumi";
import { keyVariables } from "../../../builders/key-variables.ts";
import { type Metadata, parted } from "../../../builders/kubernetes/manifest.ts";
import type { DatabasePlan } from "../../../builders/postgres/database-plan.ts";
import { RELOADED, severalServers } from "../../../builders/postgres/kubernetes/cloudnative-pg.ts";
import { metadata } from "../../../builders/postgres/kubernetes/manifest.ts";
import { ownerPassword } from "../../../builders/postgres/passwords.ts";
import type { SeveralPostgres } from "../../../config/postgres-server/schema.ts";
import { DEV_STAGE } from "../../../config/rules/stage.ts";
import { OWNER_ROLE } from "../../../config/values/database-names.ts";
import type { CredentialOutput } from "../../outputs.ts";
import type { Cluster } from "../cluster.ts";
import type { PostgresParts } from "./parts.ts";

export interface CloudNativePgArgs {
  readonly stage: string;
  readonly key: pulumi.Input<string>;
  /** The stack's own object store, where backups go. */
  readonly store: Cluster["store"];
  readonly storageKeys: pulumi.Output<Record<string, CredentialOutput>>;
}

/** Servers of the operator. Their volumes are its Cluster's and would go with it: it stays when it leaves the stack. */
export function cloudNativePgParts(
  server: SeveralPostgres,
  plan: DatabasePlan,
  { stage, key, store, storageKeys }: CloudNativePgArgs,
): PostgresParts {
  const { backup } = server;
  const about = (suffix: string): Metadata => {
    const named = metadata(server, suffix);
    return { ...named, labels: { ...named.labels, ...RELOADED } };
  };
  const owner = { username: OWNER_ROLE, password: pulumi.output(key).apply(ownerPassword) };
  const backups = backup && { metadata: about("backup"), data: keyOf(backup.serviceAccount, store, storageKeys) };
  const place = backups && { ...store, keySecret: backups.metadata.name };
  const [clusters, others] = parted(severalServers(server, plan, place), "Cluster");
  const [beside, needed] = parted(others, "ScheduledBackup");
  return {
    needed,
    server: clusters,
    options: { retainOnDelete: true, protect: stage !== DEV_STAGE },
    beside,
    secrets: [
      { metadata: about("owner"), data: owner, type: "kubernetes.io/basic-auth" },
      ...(backups ? [backups] : []),
    ],
  };
}

function keyOf(
  serviceAccount: string,
  { endpoint, region }: Cluster["store"],
  storageKeys: CloudNativePgArgs["storageKeys"],
): pulumi.Output<Record<string, string>> {
  return storageKeys.apply((all) => keyVariables({ ...(all[serviceAccount] as CredentialOutput), endpoint, region }));
}
