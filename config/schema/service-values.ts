import { z } from "zod";

/** Keys that several services have. */

/** Pods of one program; more is a slip of the pen. */
export const MOST_REPLICAS = 50;

export const enabled = z
  .boolean()
  .meta({ default: true })
  .optional()
  .describe("false: the platform doesn't ask for it, for example in one stage");

export const port = (value: number, what = "Where it listens, on loopback", most = 65_535) =>
  whole(value, 1, most, what);

export const whole = (value: number, least: number, most: number, what: string) =>
  z.int().min(least).max(most).meta({ default: value }).optional().describe(what);

export const text = (value: string, what: string) => z.string().meta({ default: value }).optional().describe(what);
