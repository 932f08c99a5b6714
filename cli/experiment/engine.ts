import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { z } from "zod";
import type { Experiment } from "../../config/model.ts";
import type { Checkout } from "../checkout.ts";
import { CommandError, EXIT } from "../ending/exit.ts";
import { untilInterrupted } from "../ending/signals.ts";
import { getSources, sourceFolder } from "../local/services/sources.ts";

const SOURCE = { environment: "experiments" } as const;

const numbers = z.record(z.string(), z.number());
const plan = z.object({
  units: z.number(),
  perVariant: numbers,
  perLook: z.number(),
  days: z.number(),
  power: z.number(),
  tuning: numbers,
  alpha: z.number(),
});
const difference = z.object({ estimate: z.number(), low: z.number(), high: z.number(), chance: z.number() });
const look = z.object({
  at: z.string(),
  units: numbers,
  inTwo: z.number(),
  splitChance: z.number(),
  metrics: z.record(
    z.string(),
    z.object({
      means: z.record(z.string(), z.number().nullable()),
      differences: z.record(z.string(), difference.nullable()),
    }),
  ),
});
const analysis = z.object({
  verdict: z.enum(["mismatch", "harm", "better", "worse", "none", "running"]),
  reasons: z.array(z.string()),
  winner: z.string().nullable(),
  looks: z.array(look),
});

/** How many units an experiment needs, and until when. */
export type Plan = z.output<typeof plan>;
/** What counts of an experiment say. */
export type Analysis = z.output<typeof analysis>;
/** What was to be seen at one moment. */
export type Look = z.output<typeof look>;

/** Counts at one moment; of each metric and variant total and sum of squares. `metric` is the experiment's own. */
export interface CountedLook {
  readonly at: string;
  readonly units: Readonly<Record<string, number>>;
  /** Units that saw two variants; they are in no other count. */
  readonly inTwo: number;
  readonly metrics: Readonly<Record<string, Readonly<Record<string, readonly [total: number, squares: number]>>>>;
}

export async function planned(checkout: Checkout, experiment: Experiment): Promise<Plan> {
  return z.object({ plan }).parse(await ask(checkout, "plan", { experiment })).plan;
}

export async function analysed(
  checkout: Checkout,
  experiment: Experiment,
  looks: readonly CountedLook[],
): Promise<{ readonly plan: Plan; readonly analysis: Analysis }> {
  return z.object({ plan, analysis }).parse(await ask(checkout, "analyse", { experiment, looks }));
}

/** Of this checkout. An image has another one, beside what it can't install. @throws CommandError where it can't be had */
async function ownPython(checkout: Checkout): Promise<string> {
  const { lacking } = await getSources(checkout, [SOURCE], () => undefined);
  if (lacking.length > 0) throw new CommandError(lacking.join("\n"), EXIT.couldNotLook);
  return join(sourceFolder(SOURCE, checkout.root), "bin", "python");
}

/** @throws CommandError with one sentence */
async function ask(checkout: Checkout, question: string, asked: object): Promise<unknown> {
  const python = process.env.BUCKETWORKS_STATISTICS_PYTHON || (await ownPython(checkout));
  const program = join(checkout.root, "pipelines", "experiments", "engine.py");
  return untilInterrupted(async (stop) => {
    const child = spawn(python, [program, question], {
      env: { PATH: process.env.PATH },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const end = (): void => void child.kill("SIGTERM");
    stop.addEventListener("abort", end, { once: true });
    let out = "";
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    // A program that ends before it has read is told by its code.
    child.stdin.on("error", () => undefined).end(JSON.stringify(asked));
    const [code] = (await once(child, "close")) as [number | null];
    stop.removeEventListener("abort", end);
    if (code === 0) return JSON.parse(out);
    const last =
      said
        .trim()
        .split("\n")
        .at(-1)
        ?.replace(/^ValueError: /, "") ?? `it ended with ${code}`;
    throw new CommandError(`experiment: the statistics failed: ${last}`, EXIT.couldNotLook);
  });
}
