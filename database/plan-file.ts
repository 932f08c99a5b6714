import { readFileSync } from "node:fs";
import { z } from "zod";
import type { DatabasePlan } from "../builders/postgres/database-plan.ts";
import { DatabaseFault } from "./fault.ts";

/** Beside the migrations, where no platform files are: in the cluster. */
export const PLAN_FILE = "databases.json";

const role = z.strictObject({ name: z.string(), description: z.string(), makesTables: z.literal(true).optional() });
const platform = z.strictObject({ name: z.string(), roles: z.array(role) });
const plan: z.ZodType<DatabasePlan> = z.strictObject({
  schemaVersion: z.literal(1),
  databases: z.array(z.strictObject({ name: z.string(), platforms: z.array(platform) })),
});

/** @throws DatabaseFault when the file isn't there or isn't a plan */
export function readPlan(path: string): DatabasePlan {
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new DatabaseFault("couldNotLook", `${path}: can't be read as a plan: ${(error as Error).message}`);
  }
  const { success, data, error } = plan.safeParse(text);
  if (success) return data;
  const [issue] = error.issues;
  throw new DatabaseFault(
    "couldNotLook",
    `${path}: ${issue?.path.join(".")}: ${issue?.message}; the stack writes this file`,
  );
}
