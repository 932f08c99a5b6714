import { expect } from "vitest";
import type { ClusterCheckout } from "../cluster-checkout.ts";

interface Pod {
  readonly spec: {
    readonly volumes: readonly Readonly<Record<string, unknown>>[];
    readonly containers: readonly {
      readonly securityContext: { readonly readOnlyRootFilesystem: boolean };
      readonly volumeMounts: readonly {
        readonly name: string;
        readonly mountPath: string;
        readonly readOnly?: boolean;
      }[];
    }[];
    readonly hostNetwork?: boolean;
  };
}

/**
 * Runs the scheduled ingestion once, out of its time: it leaves one object and its row, and its pod has nothing of the
 * node's file system.
 * @param ask answers a statement as an auditor, rows as JSON
 */
export async function ingestsOnce(
  checkout: ClusterCheckout,
  ask: (statement: string) => Promise<string>,
): Promise<void> {
  const { cluster, namespace } = checkout;
  const kubectl = (...args: string[]): Promise<string> => cluster.kubectl("-n", namespace, ...args);
  await kubectl("create", "job", "ingest-now", "--from=cronjob/cybersec-ingestion");
  await cluster.jobDone(namespace, "ingest-now", 150);
  const uri = /^s3:\/\/(cybersec-ml-raw\/network_events_\d{8}_\d{6}\.parquet)$/m;
  const [said, object] = uri.exec(await kubectl("logs", "job/ingest-now")) ?? [];
  expect(object).toBeDefined();
  expect(await checkout.mc("stat", `t/${object}`)).toContain("Type      : file");
  const row = "SELECT num_registros, estado FROM ingestion_events WHERE ruta_minio";
  expect(JSON.parse(await ask(`${row} = '${said}'`))).toEqual([{ num_registros: 10, estado: "SUCCESS" }]);
  const { items } = JSON.parse(await kubectl("get", "pods", "-l", "job-name=ingest-now", "-o", "json"));
  expect(items).toHaveLength(1);
  expectNothingOfTheNode(items[0]);
}

/** No volume is the node's, and the one folder to which the program writes is its own, and goes with the pod. */
function expectNothingOfTheNode({ spec }: Pod): void {
  const kinds = spec.volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== "name"));
  expect([...new Set(kinds)].sort()).toEqual(["emptyDir", "secret"]);
  expect(spec.hostNetwork).toBeUndefined();
  for (const { securityContext, volumeMounts } of spec.containers) {
    expect(securityContext.readOnlyRootFilesystem).toBe(true);
    const writable = volumeMounts.filter(({ readOnly }) => readOnly !== true);
    expect(writable).toEqual([{ name: "home", mountPath: "/pipeline-cybersec" }]);
  }
}
