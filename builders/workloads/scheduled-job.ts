import type { V1JobSpec } from "@kubernetes/client-node";
import type { Workload, WorkloadRun } from "../../config/model.ts";
import type { ManifestOf } from "../kubernetes/manifest.ts";
import { REPLACE_UNREADY } from "../kubernetes/replace-unready.ts";
import { podTemplate } from "./pod.ts";
import { metadata, type WorkloadPlace } from "./workload-metadata.ts";

/** What a program has from SIGTERM to its end: an upload that has begun, with its tries, and the row of it. */
const GRACE_SECONDS = 300;

type Run<Kind extends WorkloadRun["kind"]> = Extract<WorkloadRun, { kind: Kind }>;

/** How long what a scheduled run left can be looked at. */
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
    spec: jobSpec(workload, run, place, { backoffLimit: run.retries, restartPolicy: "Never" }),
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
        spec: { ...jobSpec(workload, run, place, scheduledTries(run)), ttlSecondsAfterFinished: KEPT_SECONDS },
      },
    },
  };
}

/** How a run that failed is tried again. */
interface Tries {
  readonly backoffLimit: number;
  readonly restartPolicy: "Never" | "OnFailure";
}

/**
 * A program is started again in its pod, with its home: what it has to finish lies there, and steps that are done stay
 * done. Kubernetes fails such a job when a restart too many has begun, so the limit is one more than the retries.
 */
function scheduledTries({ retries }: Run<"scheduled_job">): Tries {
  return retries === 0
    ? { backoffLimit: 0, restartPolicy: "Never" }
    : { backoffLimit: retries + 1, restartPolicy: "OnFailure" };
}

function jobSpec(
  workload: Workload,
  { deadlineSeconds }: Run<"job"> | Run<"scheduled_job">,
  place: WorkloadPlace,
  { backoffLimit, restartPolicy }: Tries,
): V1JobSpec {
  return {
    backoffLimit,
    activeDeadlineSeconds: deadlineSeconds,
    template: podTemplate(workload, place, { restartPolicy, graceSeconds: GRACE_SECONDS }),
  };
}
