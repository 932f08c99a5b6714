import type { Workload } from "../../config/model.ts";
import type { ManifestOf } from "../kubernetes/manifest.ts";
import { CONFIG_FILE } from "./pod.ts";
import { job, scheduledJob } from "./scheduled-job.ts";
import { type ServiceManifest, service } from "./service.ts";
import { metadata, type WorkloadPlace } from "./workload-metadata.ts";

/** What a workload is made of. */
type WorkloadManifest = ManifestOf<"Job" | "CronJob"> | ServiceManifest;

/** What one workload is made of, without the ConfigMap and the Secret it may read. */
export function workloadManifests(workload: Workload, place: WorkloadPlace): WorkloadManifest[] {
  const { run } = workload;
  switch (run.kind) {
    case "job":
      return [job(workload, run, place)];
    case "scheduled_job":
      return [scheduledJob(workload, run, place)];
    case "service":
      return service(workload, run, place);
  }
}

/** The ConfigMap by which workloads read their platform's file. */
export function configMap(name: string, text: string, place: WorkloadPlace): ManifestOf<"ConfigMap"> {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadata(name, place),
    data: { [CONFIG_FILE]: text },
  };
}
