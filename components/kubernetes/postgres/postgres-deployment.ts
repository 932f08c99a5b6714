import { createHmac } from "node:crypto";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import { parted } from "../../../builders/kubernetes/manifest.ts";
import { connectionVariables } from "../../../builders/postgres/connection-variables.ts";
import { type DatabasePlan, plannedRoles } from "../../../builders/postgres/database-plan.ts";
import type { OneBackup } from "../../../builders/postgres/kubernetes/backup-pods.ts";
import { metadata, POSTGRES_PORT, roleSecretName, serverHost } from "../../../builders/postgres/kubernetes/manifest.ts";
import { hasTls, type PostgresServer } from "../../../config/postgres-server/schema.ts";
import { type DatabaseLogin, logins } from "../../database-logins.ts";
import type { CredentialOutput } from "../../outputs.ts";
import type { Cluster } from "../cluster.ts";
import { resourceOf } from "../resource-of.ts";
import { cloudNativePgParts } from "./cloudnative-pg.ts";
import { migrate } from "./migration.ts";
import type { SecretArgs } from "./parts.ts";
import { statefulSetParts } from "./stateful-set.ts";

export interface PostgresDeploymentArgs {
  readonly server: PostgresServer;
  readonly plan: DatabasePlan;
  /** Whether somebody reads the server's statistics. */
  readonly metrics: boolean;
  /** What a server of kind statefulset is backed up with; undefined where nobody asks for it. */
  readonly backup: OneBackup | undefined;
  readonly stage: string;
  /** Every password is made from it. */
  readonly key: pulumi.Input<string>;
  /** In which `bucketworks migrate` runs. */
  readonly image: pulumi.Input<string>;
  readonly cluster: Cluster;
  readonly storageKeys: pulumi.Output<Record<string, CredentialOutput>>;
}

/**
 * PostgreSQL on Kubernetes with its databases, roles and tables. Its namespace outlives it, and so do a StatefulSet's
 * volumes; an operator's cluster owns its volumes, which would go with it, and outlives it itself.
 */
export class PostgresDeployment extends pulumi.ComponentResource {
  constructor(name: string, args: PostgresDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bucketworks:kubernetes:PostgresDeployment", name, {}, opts);
    const { server, plan, metrics, backup, stage, key, image, storageKeys, cluster } = args;
    const { provider, store } = cluster;
    const own = { parent: this, provider };
    const mark = fingerprint(key);
    const parts =
      server.kind === "statefulset"
        ? statefulSetParts(server, { plan, metrics, backup, storageKeys, key, mark })
        : cloudNativePgParts(server, plan, { stage, key, store, storageKeys });
    const [namespaces, needed] = parted(parts.needed, "Namespace");
    // With the namespace all claims and so all data would go; the stack's object store may have made it already.
    const shared = cluster.settings.server.namespace === server.namespace;
    const namespace = shared
      ? [cluster.ready]
      : namespaces.map((each) => resourceOf(each, { ...own, retainOnDelete: true }));
    const inside = { ...own, dependsOn: namespace };
    const keySecret = { metadata: metadata(server, "key"), data: { key } };
    const secrets = [keySecret, ...parts.secrets].map((each) => secretOf(each, inside));
    for (const each of roleSecrets(args)) secretOf(each, inside);
    for (const each of parts.beside) resourceOf(each, inside);
    const before = needed.map((each) => resourceOf(each, inside));
    const running = parts.server.map((each) =>
      resourceOf(each, { ...own, ...parts.options, dependsOn: [...namespace, ...secrets, ...before] }),
    );
    migrate({ server, plan, image, mark }, [...secrets, ...running], own);
    this.registerOutputs({});
  }
}

/** What workloads log in with, a Secret for each role. */
function roleSecrets({ server, plan, key }: PostgresDeploymentArgs): SecretArgs[] {
  const all = logins(plan, key);
  return plannedRoles(plan).map(({ role }) => {
    const data = all.apply((found) => {
      const login = found[role] as DatabaseLogin;
      return connectionVariables({ ...login, host: serverHost(server), port: POSTGRES_PORT, tls: hasTls(server) });
    });
    return { metadata: { ...metadata(server), name: roleSecretName(role) }, data };
  });
}

function secretOf({ metadata, data, type = "Opaque" }: SecretArgs, opts: pulumi.CustomResourceOptions): Secret {
  const args = { metadata, type, stringData: pulumi.secret(data) };
  return new Secret(`Secret/${metadata.name}`, args, { ...opts, deleteBeforeReplace: true });
}

function fingerprint(key: pulumi.Input<string>): pulumi.Output<string> {
  const of = (text: string): string => createHmac("sha256", text).update("fingerprint").digest("hex").slice(0, 16);
  return pulumi.secret(pulumi.output(key).apply(of));
}
