import type { V1JobSpec } from "@kubernetes/client-node";
import type { Workload, WorkloadRun } from "../../config/model.ts";
import type { ManifestOf } from "../kubernetes/manifest.ts";
import { REPLACE_UNREADY } from "../kubernetes/replace-unready.ts";
import { podTemplate } from "./pod.ts";
import { metadata, type WorkloadPlace } from "./workload-metadata.ts";

/** What a program has from SIGTERM to its end: an upload that has begun, with its tries, and the row of it. */
const GRACE_SECONDS = 300;

type Run<Kind extends WorkloadRun["kind"]> = Extract<WorkloadRun, { kind: Kind }>;

/** How long what a scheduled run left, its log above all, can be looked at. */
const KEPT_SECONDS = 7 * 24 * 3600;
/** A run that could not begin so long after its time isn't made up for. */
const LATEST_START_SECONDS = 300;

/**
 * A program that runs once for each change of it. It stays when it is done: removed, it would run again. One that failed
 * is made again by the next update.
 */
export function job(workload: Workload, run: Run<"job">, place: WorkloadPlace): ManifestOf<"Job"> {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { ...metadata(workload.name, place), annotations: REPLACE_UNREADY },
    spec: jobSpec(workload, run, place),
  };
}

/** A program that runs by the clock; one run at a time. */
export function scheduledJob(
  workload: Workload,
  run: Run<"scheduled_job">,
  place: WorkloadPlace,
): ManifestOf<"CronJob"> {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: metadata(workload.name, place),
    spec: {
      schedule: run.schedule,
      timeZone: run.timeZone,
      concurrencyPolicy: "Forbid",
      startingDeadlineSeconds: LATEST_START_SECONDS,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: { ...jobSpec(workload, run, place), ttlSecondsAfterFinished: KEPT_SECONDS },
      },
    },
  };
}

function jobSpec(
  workload: Workload,
  { retries, deadlineSeconds }: Run<"job"> | Run<"scheduled_job">,
  place: WorkloadPlace,
): V1JobSpec {
  return {
    backoffLimit: retries,
    activeDeadlineSeconds: deadlineSeconds,
    template: podTemplate(workload, place, { restartPolicy: "Never", graceSeconds: GRACE_SECONDS }),
  };
}
