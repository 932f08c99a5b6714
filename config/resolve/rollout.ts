import { defaults } from "../defaults.ts";
import type { Rollout } from "../model-programs.ts";
import type { RolloutSpec } from "../schema/rollout.ts";
import { secondsIn } from "../values/duration.ts";

const { rollout: usual } = defaults.services.modelApi;

/** Null is `rolling`, which Kubernetes does by itself. The spec was judged: each duration is one. */
export function resolveRollout(spec: RolloutSpec | undefined): Rollout | null {
  if (spec === undefined || spec.strategy === "rolling") return null;
  const { strategy, steps = [], analysis } = spec;
  return {
    strategy,
    steps: steps.map(({ weight, pause }) => ({ weight, pauseSeconds: pause === undefined ? null : secondsIn(pause) })),
    analysis:
      analysis === undefined
        ? null
        : {
            errorPercent: analysis.error_percent ?? usual.errorPercent,
            latencyMs: analysis.latency_ms ?? usual.latencyMs,
            requests: analysis.requests ?? usual.requests,
            intervalSeconds: secondsIn(analysis.interval ?? usual.interval) ?? 0,
            rounds: analysis.rounds ?? usual.rounds,
          },
  };
}
