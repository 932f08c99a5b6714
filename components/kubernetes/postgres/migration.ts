import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { withPodAnnotation } from "../../../builders/kubernetes/pod-annotation.ts";
import type { DatabasePlan } from "../../../builders/postgres/database-plan.ts";
import { KEY_ANNOTATION } from "../../../builders/postgres/kubernetes/manifest.ts";
import { migrationJob } from "../../../builders/postgres/kubernetes/migration-job.ts";
import type { PostgresServer } from "../../../config/postgres-server/schema.ts";
import { readMigrations } from "../../../database/migration-files.ts";
import { inputText } from "../input-text.ts";
import { jobTimeouts } from "../job-timeouts.ts";
import { resourceOf } from "../resource-of.ts";

/** Folder of the migrations, from the checkout. */
export const MIGRATIONS = "config/migrations";

export interface MigrationArgs {
  readonly server: PostgresServer;
  readonly plan: DatabasePlan;
  /** In which `bucketworks migrate` runs. */
  readonly image: pulumi.Input<string>;
  /** Tells one key from another. */
  readonly mark: pulumi.Output<string>;
}

/** A new one for another plan, other migrations, another key: it runs once, and its log stays to be read. */
export function migrate(
  { server, plan, image, mark }: MigrationArgs,
  after: readonly pulumi.Resource[],
  opts: pulumi.CustomResourceOptions,
): void {
  const migrations = plan.databases.flatMap(({ platforms }) =>
    platforms.map(({ name }) => ({ platform: name, files: readMigrations(MIGRATIONS, name) })),
  );
  const { config, job } = migrationJob(server, plan, migrations, inputText(image));
  const map = resourceOf(config, { ...opts, dependsOn: [...after] });
  // A Job never changes: another key or image is one of another name, too.
  const suffix = pulumi.unsecret(pulumi.all([mark, image])).apply(digest);
  const name = inputText(pulumi.interpolate`${job.metadata.name}-${suffix}`);
  const marked = withPodAnnotation(job, KEY_ANNOTATION, inputText(mark));
  resourceOf(
    { ...marked, metadata: { ...marked.metadata, name } },
    { ...opts, dependsOn: [...after, map], deleteBeforeReplace: true, customTimeouts: jobTimeouts(job) },
    `${server.name}-migrate`,
  );
}

function digest(values: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 8);
}
