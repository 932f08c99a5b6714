import type { Series, Size, Taken } from "./schema.ts";

/** The median: the middle one, or the mean of the two in the middle. @throws where there is none */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (upper === undefined || lower === undefined) throw new Error("there is no median of nothing");
  return (lower + upper) / 2;
}

/** The median of one figure over the rounds of a step; undefined where the tool has no such step. */
export function middle(size: Size, tool: string, step: Series["step"], of: keyof Taken): number | undefined {
  const rounds = seriesOf(size, tool, step)?.rounds;
  return rounds && median(rounds.map((round) => round[of]));
}

/**
 * How much a tool took of what another took in the same step: the median of the ratios round by round, so that a load which
 * comes and goes hits both.
 */
export function ratio(
  size: Size,
  step: Series["step"],
  of: keyof Taken,
  tool: string,
  other: string,
): number | undefined {
  const [ours, theirs] = [tool, other].map((name) => seriesOf(size, name, step)?.rounds);
  if (ours === undefined || theirs === undefined) return undefined;
  const ratios = ours.flatMap((round, index) => {
    const beside = theirs[index];
    return beside === undefined || beside[of] === 0 ? [] : [round[of] / beside[of]];
  });
  return ratios.length === 0 ? undefined : median(ratios);
}

/** The most memory that a tool had in any step: the median of each step's rounds. */
export function mostMemory(size: Size, tool: string): number | undefined {
  const steps = size.series.filter((each) => each.tool === tool);
  if (steps.length === 0) return undefined;
  return Math.max(...steps.map(({ rounds }) => median(rounds.map(({ memory }) => memory))));
}

export function seriesOf(size: Size, tool: string, step: Series["step"]): Series | undefined {
  return size.series.find((each) => each.tool === tool && each.step === step);
}
