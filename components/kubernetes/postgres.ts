import { createHash, createHmac } from "node:crypto";
import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { keyVariables } from "../../builders/key-variables.ts";
import { type Manifest, parted } from "../../builders/kubernetes/manifest.ts";
import { withPodAnnotation } from "../../builders/kubernetes/pod-annotation.ts";
import { bootstrapStatements } from "../../builders/postgres/configuration.ts";
import { connectionVariables } from "../../builders/postgres/connection-variables.ts";
import { type BackupStore, RELOADED, severalServers } from "../../builders/postgres/kubernetes/cloudnative-pg.ts";
import {
  KEY_ANNOTATION,
  metadata,
  POSTGRES_PORT,
  roleSecretName,
  serverHost,
} from "../../builders/postgres/kubernetes/manifest.ts";
import { migrationJob } from "../../builders/postgres/kubernetes/migration-job.ts";
import { oneServer } from "../../builders/postgres/kubernetes/stateful-set.ts";
import { ownerPassword, ownerVerifier } from "../../builders/postgres/passwords.ts";
import { type DatabasePlan, plannedRoles } from "../../builders/postgres/plan.ts";
import { hasTls, type PostgresServer } from "../../config/postgres-server/schema.ts";
import { DEV_STAGE } from "../../config/rules/stage.ts";
import { OWNER_ROLE } from "../../config/values/database-names.ts";
import { readMigrations } from "../../database/migration-files.ts";
import { type DatabaseLogin, logins } from "../databases.ts";
import type { CredentialOutput } from "../outputs.ts";
import type { Cluster } from "./cluster.ts";
import { jobTimeouts } from "./job-timeouts.ts";
import { resourceOf } from "./kinds.ts";

/** Folder of the migrations, from the checkout. */
export const MIGRATIONS = "config/migrations";

type SecretData = pulumi.Input<Record<string, pulumi.Input<string>>>;

export interface PostgresDeploymentArgs {
  readonly server: PostgresServer;
  readonly plan: DatabasePlan;
  readonly stage: string;
  /** Every password is made from it. */
  readonly key: pulumi.Input<string>;
  /** In which `bucketworks migrate` runs. */
  readonly image: pulumi.Input<string>;
  readonly cluster: Cluster;
  readonly storageKeys: pulumi.Output<Record<string, CredentialOutput>>;
  readonly provider: Provider;
}

/**
 * PostgreSQL on Kubernetes with its databases, roles and tables. Its namespace outlives it, and so do a StatefulSet's
 * volumes; an operator's cluster owns its volumes, which would go with it, and outlives it itself.
 */
export class PostgresDeployment extends pulumi.ComponentResource {
  constructor(name: string, args: PostgresDeploymentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("bucketworks:kubernetes:PostgresDeployment", name, {}, opts);
    const { server, plan, stage, key, cluster, provider } = args;
    const own = { parent: this, provider };
    const shared = cluster.namespace === server.namespace;
    const store = backupStore(args);
    const manifests =
      server.kind === "statefulset" ? oneServer(server, plan) : severalServers(server, plan, store?.place);
    const [namespaces, others] = parted(manifests, "Namespace");
    // With the namespace all claims and so all data would go; the stack's object store may have made it already.
    const namespace = shared
      ? [cluster.ready]
      : namespaces.map((each) => resourceOf(each, { ...own, retainOnDelete: true }));
    const inside = { ...own, dependsOn: namespace };
    const secret = (suffix: string, data: SecretData, type?: string): Secret =>
      secretOf(metadata(server, suffix), data, inside, type);
    const reloaded = (suffix: string, data: SecretData, type?: string): Secret => {
      const about = metadata(server, suffix);
      return secretOf({ ...about, labels: { ...about.labels, ...RELOADED } }, data, inside, type);
    };
    const secrets = [
      secret("key", { key }),
      ...(server.kind === "statefulset"
        ? [
            secret("bootstrap", {
              "bootstrap.sql": pulumi.output(key).apply((text) => bootstrapStatements(ownerVerifier(text))),
            }),
          ]
        : [
            reloaded(
              "owner",
              { username: OWNER_ROLE, password: pulumi.output(key).apply(ownerPassword) },
              "kubernetes.io/basic-auth",
            ),
          ]),
      ...(store === undefined ? [] : [reloaded("backup", store.key)]),
    ];
    roleSecrets(args, inside);
    const [main, needed] = parted(others, "StatefulSet", "Cluster");
    const before = needed.map((each) => resourceOf(each, inside));
    const mark = fingerprint(key);
    const running = main.map((each) =>
      resourceOf(server.kind === "statefulset" ? withPodAnnotation(each, KEY_ANNOTATION, mark) : each, {
        ...own,
        ...(each.kind === "Cluster" && { retainOnDelete: true, protect: stage !== DEV_STAGE }),
        dependsOn: [
          ...namespace,
          ...secrets,
          ...before.filter((_, index) => needed[index]?.kind !== "ScheduledBackup"),
        ],
      }),
    );
    this.#migrate(args, mark, { ...own, dependsOn: [...secrets, ...running] });
    this.registerOutputs({});
  }

  /** A new one for another plan, other migrations, another key: it runs once, and its log stays to be read. */
  #migrate(args: PostgresDeploymentArgs, mark: pulumi.Output<string>, opts: pulumi.CustomResourceOptions): void {
    const { server, plan, image } = args;
    const migrations = plan.databases.flatMap(({ platforms }) =>
      platforms.map(({ name }) => ({ platform: name, files: readMigrations(MIGRATIONS, name) })),
    );
    const { config, job } = migrationJob(server, plan, migrations, image);
    const map = resourceOf(config, opts);
    // A Job never changes: another key or image is one of another name, too.
    const suffix = pulumi.unsecret(pulumi.all([mark, image])).apply(digest);
    const named = { ...job.metadata, name: pulumi.interpolate`${job.metadata.name}-${suffix}` };
    new Job(
      `Job/${server.name}-migrate`,
      { ...withPodAnnotation(job, KEY_ANNOTATION, mark), metadata: named } as never,
      {
        ...opts,
        dependsOn: [...((opts.dependsOn ?? []) as pulumi.Resource[]), map],
        deleteBeforeReplace: true,
        customTimeouts: jobTimeouts(job),
      },
    );
  }
}

/** What workloads log in with, a Secret for each role. */
function roleSecrets({ server, plan, key }: PostgresDeploymentArgs, opts: pulumi.CustomResourceOptions): void {
  const all = logins(plan, key);
  for (const { role } of plannedRoles(plan)) {
    const data = all.apply((found) => {
      const login = found[role] as DatabaseLogin;
      return connectionVariables({ ...login, host: serverHost(server), port: POSTGRES_PORT, tls: hasTls(server) });
    });
    secretOf({ ...metadata(server), name: roleSecretName(role) }, data, opts);
  }
}

function secretOf(
  about: Manifest["metadata"],
  data: SecretData,
  opts: pulumi.CustomResourceOptions,
  type = "Opaque",
): Secret {
  const args = { metadata: about as never, type, stringData: pulumi.secret(data) };
  return new Secret(`Secret/${about.name}`, args, { ...opts, deleteBeforeReplace: true });
}

/** Backups go to the stack's own object store. */
function backupStore({
  server,
  cluster,
  storageKeys,
}: PostgresDeploymentArgs): { place: BackupStore; key: pulumi.Output<Record<string, string>> } | undefined {
  if (server.kind !== "cloudnative-pg" || server.backup === undefined) return undefined;
  const { serviceAccount } = server.backup;
  const { store } = cluster;
  const key = storageKeys.apply((all) =>
    keyVariables({
      ...(all[serviceAccount] as CredentialOutput),
      endpoint: store.endpoint,
      region: store.region,
    }),
  );
  return { place: { endpoint: store.endpoint, keySecret: `${server.name}-backup`, caSecret: store.caSecret }, key };
}

function fingerprint(key: pulumi.Input<string>): pulumi.Output<string> {
  const of = (text: string): string => createHmac("sha256", text).update("fingerprint").digest("hex").slice(0, 16);
  return pulumi.secret(pulumi.output(key).apply(of));
}

function digest(values: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 8);
}
