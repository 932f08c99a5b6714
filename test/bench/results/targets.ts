import { median, middle, mostMemory, ratio, seriesOf } from "./middle.ts";
import type { Bench, Series, Size } from "./schema.ts";

const OURS = "bucketworks";
const THEIRS = "Terraform";

/** What is aimed at, and what was found. */
export interface Target {
  readonly what: string;
  readonly most: number;
  /** Undefined where it wasn't measured. */
  readonly found: number | undefined;
  /** The same in processor time, which other work on the machine changes less. */
  readonly processors?: number | undefined;
  /** How both figures are written. */
  readonly unit: "times" | "seconds";
}

const BESIDE = 500;
const [FEW, MANY] = [100, 2000];
const CHECKED = 5000;
const SHARES: readonly (readonly [step: Series["step"], what: string, most: number])[] = [
  ["create", "creating", 1 / 4],
  ["preview", "a preview without change", 1 / 4],
  ["refresh", "a preview with refresh", 1 / 4],
  ["destroy", "destroying", 1 / 6],
];

export function targets({ sizes, checks }: Bench): Target[] {
  const of = (buckets: number): Size | undefined => sizes.find((each) => each.buckets === buckets);
  const [beside, few, many] = [of(BESIDE), of(FEW), of(MANY)];
  const check = checks.find(({ buckets }) => buckets === CHECKED);
  const secondsOf = (figure: "seconds" | "cpuSeconds") => check && median(check.rounds.map((each) => each[figure]));
  return [
    ...SHARES.map(([step, what, most]): Target => {
      const share = (figure: "seconds" | "cpuSeconds") => beside && ratio(beside, step, figure, OURS, THEIRS);
      const found = { found: share("seconds"), processors: share("cpuSeconds") };
      return { what: `${BESIDE} buckets: ${what}, of ${THEIRS}'s time`, most, ...found, unit: "times" };
    }),
    { what: `${BESIDE} buckets: memory, of ${THEIRS}'s`, most: 1, found: beside && memoryShare(beside), unit: "times" },
    {
      what: `the time of all steps for a bucket of ${MANY.toLocaleString("en")}, of that for one of ${FEW}`,
      most: 1.3,
      found: growth(few, many, "seconds"),
      processors: growth(few, many, "cpuSeconds"),
      unit: "times",
    },
    {
      what: `check of ${CHECKED.toLocaleString("en")} buckets`,
      most: 1.5,
      found: secondsOf("seconds"),
      processors: secondsOf("cpuSeconds"),
      unit: "seconds",
    },
  ];
}

function memoryShare(size: Size): number | undefined {
  const [ours, theirs] = [mostMemory(size, OURS), mostMemory(size, THEIRS)];
  return ours === undefined || theirs === undefined ? undefined : ours / theirs;
}

function growth(few: Size | undefined, many: Size | undefined, of: "seconds" | "cpuSeconds"): number | undefined {
  if (few === undefined || many === undefined) return undefined;
  const [before, after] = [few, many].map((size) => forOne(size, of));
  return before === undefined || after === undefined ? undefined : after / before;
}

/** What all steps take together, for one bucket. */
function forOne(size: Size, of: "seconds" | "cpuSeconds"): number | undefined {
  const steps = size.series.filter(({ tool }) => tool === OURS).map(({ step }) => middle(size, OURS, step, of) ?? 0);
  return seriesOf(size, OURS, "create") && steps.reduce((sum, each) => sum + each, 0) / size.buckets;
}
