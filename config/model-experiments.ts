import { z } from "zod";
import { list, object, text, texts } from "./model-shapes.ts";

const measure = {
  kind: z.enum(["proportion", "mean"]),
  event: text,
  better: z.enum(["more", "less"]),
};

/** An experiment with every default applied. */
export const experiment = object({
  name: text,
  description: text,
  /** Attribute of a request. */
  unit: text,
  salt: text,
  /** Each attribute must have one of its values; sorted by attribute. */
  eligible: list(object({ attribute: text, values: texts })),
  /** In the order of the spec, which deals the units. */
  variants: list(object({ name: text, alias: text, share: z.number() })),
  control: text,
  /** `deviation` is null for proportions. */
  metric: object({ ...measure, baseline: z.number(), deviation: z.number().nullable() }),
  minimumEffect: z.number(),
  power: z.number(),
  confidence: z.number(),
  looks: object({ days: z.number(), number: z.number() }),
  /** Sorted by name. */
  guardrails: list(object({ name: text, ...measure, tolerance: z.number() })),
});

/** An experiment on variants of a platform's model. */
export type Experiment = z.output<typeof experiment>;
