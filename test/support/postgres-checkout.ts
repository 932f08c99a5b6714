import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BACKUP_IMAGE, loadBackupImage } from "./backup-image.ts";
import { ClusterCheckout, loadMinioImage } from "./cluster-checkout.ts";
import type { TestCluster } from "./kubernetes/cluster.ts";
import { loadProgramImage, programImage } from "./pipelines/program-image.ts";
import { loadPostgresImage, POSTGRES_IMAGE } from "./postgres-image.ts";
import { READER } from "./reader-platform.ts";
import { ROOT } from "./toolchain.ts";
import { VAULT } from "./vault-platform.ts";
import { loadWorkloadsImage } from "./workloads-image.ts";

/** A checkout whose stack has three platforms on one PostgreSQL server of kind statefulset, with every image that it needs on the cluster. */
export async function postgresCheckout(cluster: TestCluster): Promise<ClusterCheckout> {
  await loadMinioImage(cluster);
  await loadPostgresImage(cluster);
  await loadWorkloadsImage(cluster);
  await loadProgramImage(cluster, "cybersec");
  await loadBackupImage(cluster);
  await cluster.freeVolumes(1, "1Gi");
  const cybersec = readFileSync(join(ROOT, "config/platforms/cybersec.yaml"), "utf8");
  const platforms = { cybersec, desk: READER, vault: VAULT };
  const checkout = await ClusterCheckout.make(cluster, { servers: 1, createNamespace: false }, platforms);
  mkdirSync(join(checkout.root, "config/migrations/desk"));
  checkout.writeFile(
    "config/migrations/desk/001.do.sees-the-history.sql",
    "GRANT USAGE ON SCHEMA public TO desk_reader;\nGRANT SELECT ON public.ingestion_events TO desk_reader;\n",
  );
  return checkout;
}

/** Settings of its stack, with a certificate that is supplied. */
export function postgresSettings(namespace: string, size: string): Record<string, string | number | boolean> {
  return {
    "programImages.cybersec": programImage("cybersec"),
    "postgres.kind": "statefulset",
    "postgres.image": POSTGRES_IMAGE,
    "postgres.backupImage": BACKUP_IMAGE,
    "postgres.size": size,
    "postgres.memory": "256Mi",
    "postgres.cpu": "50m",
    "postgres.namespace": namespace,
    "postgres.createNamespace": false,
    "postgres.tls.from": "secret",
    "postgres.tls.secret": "supplied",
  };
}
