/** What Argo Rollouts says of one rollout, as far as it is looked at. */
export interface RolloutObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly strategy?: { readonly canary?: { readonly steps?: readonly object[] } } };
  readonly status?: {
    readonly phase?: string;
    readonly message?: string;
    readonly abort?: boolean;
    readonly controllerPause?: boolean;
    readonly currentStepIndex?: number;
    readonly pauseConditions?: readonly { readonly reason: string }[];
    readonly stableRS?: string;
    readonly currentPodHash?: string;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

/** One rollout as people are told of it. */
export interface Standing {
  readonly name: string;
  /** Word of Argo Rollouts: Healthy, Progressing, Paused, Degraded; Unknown before it has looked. */
  readonly phase: string;
  readonly message: string;
  /** Steps of a canary that are done, and how many there are; null of another strategy. */
  readonly step: { readonly done: number; readonly of: number } | null;
  /** Pods of the new kind, pods that serve, and all. */
  readonly pods: { readonly updated: number; readonly available: number; readonly all: number };
  /** Whether new pods stand beside former ones. */
  readonly isUnderWay: boolean;
}

export function standingOf({ metadata, spec, status = {} }: RolloutObject): Standing {
  const steps = spec?.strategy?.canary?.steps;
  const { phase = "Unknown", message = "", stableRS = "", currentPodHash = "" } = status;
  const pods = {
    updated: status.updatedReplicas ?? 0,
    available: status.availableReplicas ?? 0,
    all: status.replicas ?? 0,
  };
  return {
    name: metadata.name,
    phase,
    message,
    step: steps === undefined ? null : { done: status.currentStepIndex ?? 0, of: steps.length },
    pods,
    isUnderWay: stableRS !== currentPodHash && status.abort !== true,
  };
}

/** What Argo Rollouts' own client writes into the status to go on. @see its `promote` */
export function goOn(rollout: RolloutObject): object {
  const { controllerPause = false, currentStepIndex, pauseConditions = [] } = rollout.status ?? {};
  const steps = rollout.spec?.strategy?.canary?.steps;
  const next = steps === undefined || currentStepIndex === undefined ? undefined : currentStepIndex + 1;
  const isUndecided = pauseConditions.some(({ reason }) => reason === "InconclusiveAnalysisRun");
  // Of a switch the analysis would begin anew, and be undecided again.
  if (isUndecided && steps === undefined) return { pauseConditions: null, controllerPause: false, promoteFull: true };
  // A step whose analysis was undecided would begin anew, and be undecided again.
  if (isUndecided && controllerPause && next !== undefined)
    return { pauseConditions: null, controllerPause: false, currentStepIndex: next };
  if (pauseConditions.length > 0 || next === undefined) return { pauseConditions: null };
  return { pauseConditions: null, currentStepIndex: next };
}

export function standingLine({ name, phase, message, step, pods }: Standing): string {
  const steps = step === null ? "" : `, step ${step.done} of ${step.of}`;
  const why = message === "" ? "" : `: ${message}`;
  return `${name}: ${phase}${steps}, ${pods.updated} new of ${pods.all} pods, ${pods.available} serve${why}`;
}
