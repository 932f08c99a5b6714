import { describe, expect, test } from "vitest";
import { goOn, type RolloutObject, standingLine, standingOf } from "../../cli/rollout/standing.ts";

const canary = (status: RolloutObject["status"]): RolloutObject => ({
  metadata: { name: "mlops-model-api" },
  spec: { strategy: { canary: { steps: [{}, {}, {}] } } },
  ...(status && { status }),
});

describe("a rollout that waits", () => {
  test("for a person goes on where it is", () => {
    const waiting = canary({ phase: "Paused", currentStepIndex: 1, pauseConditions: [{ reason: "CanaryPauseStep" }] });
    expect(goOn(waiting)).toEqual({ pauseConditions: null });
  });

  test("since its analysis decided nothing goes on behind the analysis", () => {
    const undecided = { pauseConditions: [{ reason: "InconclusiveAnalysisRun" }], controllerPause: true };
    expect(goOn(canary({ ...undecided, currentStepIndex: 2 }))).toEqual({
      pauseConditions: null,
      controllerPause: false,
      currentStepIndex: 3,
    });
  });

  test("since the analysis of a switch decided nothing goes on without one", () => {
    const undecided = { pauseConditions: [{ reason: "InconclusiveAnalysisRun" }], controllerPause: true };
    const blueGreen: RolloutObject = { metadata: { name: "x" }, spec: { strategy: {} }, status: undecided };
    expect(goOn(blueGreen)).toEqual({ pauseConditions: null, controllerPause: false, promoteFull: true });
  });

  test("is told with its step, its pods and why", () => {
    const status = {
      phase: "Paused",
      message: "CanaryPauseStep",
      currentStepIndex: 1,
      replicas: 4,
      updatedReplicas: 1,
    };
    expect(standingLine(standingOf(canary({ ...status, availableReplicas: 4 })))).toBe(
      "mlops-model-api: Paused, step 1 of 3, 1 new of 4 pods, 4 serve: CanaryPauseStep",
    );
  });
});

test("nothing is under way where all pods are of one kind, or a person has ended it", () => {
  const under = { stableRS: "a", currentPodHash: "b" };
  expect(standingOf(canary(under)).isUnderWay).toBe(true);
  expect(standingOf(canary({ ...under, abort: true })).isUnderWay).toBe(false);
  expect(standingOf(canary({ stableRS: "a", currentPodHash: "a" })).isUnderWay).toBe(false);
  expect(standingOf(canary(undefined))).toMatchObject({ phase: "Unknown", isUnderWay: false });
});
