import { z } from "zod";
import { defaults } from "../defaults.ts";

const { experiment: usual } = defaults;

const text = z.string();
const metric = {
  kind: z
    .enum(["proportion", "mean"])
    .describe("proportion: of units, with the event at least once; mean: the sum of the event's values, for each unit"),
  event: text.meta({ examples: ["copied"] }).describe("Event of the model's configuration, which POST /events takes"),
  better: z.enum(["more", "less"]).meta({ default: usual.better }).optional().describe("What is an improvement"),
};

/** An experiment on variants of a model: who takes part, who sees which, and how it is judged. */
export const experiment = z
  .strictObject({
    description: text.optional().describe("What it is to find out, for people"),
    unit: text
      .meta({ examples: ["user_id"] })
      .describe("Attribute of a request that says whose it is; the same one always gets the same variant"),
    salt: text
      .optional()
      .describe("What is hashed with the unit; the experiment's name, where nothing is said. Another one deals anew"),
    eligible: z
      .record(text, z.array(text).min(1))
      .optional()
      .describe("Who takes part: for each attribute named here, the values that it may have; absent is everybody"),
    variants: z
      .record(
        text,
        z
          .strictObject({
            alias: text.describe("Alias of the version of the model that answers"),
            share: z.int().min(1).max(99).describe("Of the units that take part, in 100"),
          })
          .describe("What some of the units get"),
      )
      .describe("Variants by name; their shares sum to 100"),
    control: text.describe("Variant that the others are compared with; its alias is that of model_api"),
    metric: z
      .strictObject({
        ...metric,
        baseline: z
          .number()
          .describe("What it is without the experiment, to plan with: a share from 0 to 1, or a mean"),
        deviation: z
          .number()
          .positive()
          .optional()
          .describe("mean only: standard deviation of a unit's sum, to plan with"),
      })
      .describe("What the experiment is about"),
    minimum_effect: z
      .number()
      .positive()
      .describe("Smallest difference from the control that is to be found, in the metric's own unit"),
    power: z
      .number()
      .min(0.5)
      .max(0.99)
      .meta({ default: usual.power })
      .optional()
      .describe("How likely it is found, where it is that large"),
    confidence: z
      .number()
      .min(0.8)
      .max(0.999)
      .meta({ default: usual.confidence })
      .optional()
      .describe(
        "Of the intervals; what is left to 1 is how often no difference is taken for one, however often it is looked at",
      ),
    looks: z
      .strictObject({
        days: z.int().min(1).max(90).meta({ default: usual.looks.days }).optional().describe("Days between two looks"),
        number: z.int().min(1).max(90).meta({ default: usual.looks.number }).optional().describe("How many looks"),
      })
      .optional()
      .describe("Planned looks at the results; the last one is the planned end"),
    guardrails: z
      .record(
        text,
        z
          .strictObject({
            ...metric,
            tolerance: z
              .number()
              .min(0)
              .meta({ default: usual.tolerance })
              .optional()
              .describe("How much worse than the control it may be, in the metric's own unit"),
          })
          .describe("What must not get worse"),
      )
      .optional()
      .describe("Metrics by name that must not get worse, whatever the experiment's own metric says"),
  })
  .describe("An experiment on variants of the model of model_api");

export type ExperimentSpec = z.infer<typeof experiment>;
