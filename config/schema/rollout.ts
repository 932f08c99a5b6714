import { z } from "zod";
import { defaults } from "../defaults.ts";
import { text, whole } from "./service-values.ts";

const { rollout: usual } = defaults.services.modelApi;
const STEPS = 20;

/** How pods of another version come in the place of those that run. Kubernetes alone; Argo Rollouts does it. */
export const rollout = z
  .strictObject({
    strategy: z
      .enum(["rolling", "blue_green", "canary"])
      .describe(
        "rolling: one pod after another; blue_green: all of the new ones, then every request goes to them; canary: some of the new ones first",
      ),
    steps: z
      .array(
        z.strictObject({
          weight: z.int().min(1).max(99).describe("Share of the pods that are new, in percent"),
          pause: z
            .string()
            .meta({ examples: ["10m"] })
            .optional()
            .describe("How long it stays so, before it is judged; without it until bucketworks rollout promote"),
        }),
      )
      .min(1)
      .max(STEPS)
      .optional()
      .describe("Of canary, one after another; after the last all pods are new"),
    analysis: z
      .strictObject({
        error_percent: z
          .number()
          .min(0)
          .max(100)
          .meta({ default: usual.errorPercent })
          .optional()
          .describe("Most requests of the new pods that may fail, in percent"),
        // The last bucket of the API's histogram ends at 10 s: what takes longer looks like 10 s.
        latency_ms: whole(usual.latencyMs, 1, 9999, "How long 99 of 100 of their requests may take at most"),
        requests: whole(
          usual.requests,
          1,
          1_000_000,
          "Fewest requests in an interval by which they are judged; with fewer it waits for a person",
        ),
        interval: text(usual.interval, "How long they are watched before each judgement, like 30s or 1m, at most 1h"),
        rounds: whole(usual.rounds, 1, 100, "How many judgements in a row they have to pass"),
      })
      .optional()
      .describe(
        "Judges the new pods by the platform's prometheus: of canary after each step, of blue_green after the switch",
      ),
  })
  .describe("How another version or another image comes into service");

export type RolloutSpec = z.infer<typeof rollout>;
