import { z } from "zod";

const figure = z.number().nonnegative();

const taken = z
  .strictObject({
    seconds: figure,
    /** Of all processors, user and system, of the tool's whole family of processes. */
    cpuSeconds: figure,
    /** Of the server, meanwhile. */
    serverSeconds: figure,
    /** MiB resident, the most that all processes had together. */
    memory: figure,
  })
  .describe("What one run took");

const series = z.strictObject({
  tool: z.string(),
  step: z.enum(["create", "preview", "refresh", "scan", "change", "destroy"]),
  /** In the order in which the rounds were; round by round the tools can be compared. */
  rounds: z.array(taken).min(1),
  /** Requests that the server got in one more run, which was not timed; null is not counted. */
  calls: z.int().nonnegative().nullable(),
});

const size = z.strictObject({
  buckets: z.int().positive(),
  /** Day of the measurement. */
  on: z.iso.date(),
  /** Processes that wanted a processor, the mean of a minute, at the start of each round. */
  load: z.array(figure).min(1),
  series: z.array(series).min(1),
  /** Bytes of what a tool remembers, after `create`. */
  states: z.record(z.string(), z.int().positive()),
});

/** `docs/performance/bench.json`: everything measured, nothing derived. */
export const bench = z.strictObject({
  schemaVersion: z.literal(1),
  machine: z.strictObject({ cores: z.int().positive(), memory: z.int().positive(), system: z.string() }),
  /** Version of each tool, by its name. */
  tools: z.record(z.string(), z.string()),
  sizes: z.array(size),
  /** `bucketworks check` of one file, by its number of buckets. */
  checks: z.array(z.strictObject({ buckets: z.int().positive(), on: z.iso.date(), rounds: z.array(taken).min(1) })),
});

export type Bench = z.infer<typeof bench>;
export type Size = z.infer<typeof size>;
export type Series = z.infer<typeof series>;
export type Taken = z.infer<typeof taken>;

/** A later measurement in front of a former one: sizes that were measured anew replace those of before. */
export function merged(before: Bench | undefined, now: Bench): Bench {
  const others = <T extends { readonly buckets: number }>(old: readonly T[] = [], fresh: readonly T[]) =>
    [...old.filter(({ buckets }) => !fresh.some((each) => each.buckets === buckets)), ...fresh].sort(
      (a, b) => a.buckets - b.buckets,
    );
  return {
    ...now,
    tools: { ...before?.tools, ...now.tools },
    sizes: others(before?.sizes, now.sizes),
    checks: others(before?.checks, now.checks),
  };
}
