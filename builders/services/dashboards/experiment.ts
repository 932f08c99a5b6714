/** An experiment, as names of series or of a dashboard's choices have it. */
export interface Experiment {
  readonly name: string;
  /** Variant that the others are compared with. */
  readonly control: string;
  /** Event that says that somebody saw a variant. */
  readonly exposure: string;
  /** Event that it is to bring about. */
  readonly conversion: string;
  /** How far back, as `6h`. */
  readonly range: string;
}

/** PromQL by what it tells, each of every variant but the control, where nothing else is said. */
export interface ExperimentQueries {
  /** How many saw each variant, the control too. */
  readonly exposures: string;
  /** How many of them converted. */
  readonly conversions: string;
  /** Share that converted. */
  readonly rate: string;
  /** How much more than the control's share, as a share of that. */
  readonly uplift: string;
  /** Ends of the interval that holds the true difference of shares in 95 of 100 experiments. */
  readonly low: string;
  readonly high: string;
  /** Of the two-proportion z test with pooled variance. */
  readonly z: string;
  /** Two-sided: how likely such a difference is by chance alone; 0.0003 off at most. */
  readonly chance: string;
}

/**
 * Two-proportion z test in PromQL. PromQL has no normal distribution: its upper half is Page's approximation.
 * @see https://www.itl.nist.gov/div898/handbook/prc/section3/prc33.htm
 * @see E. Page, Approximations to the cumulative normal function, Applied Statistics 26 (1977)
 */
export function experimentQueries({ name, control, exposure, conversion, range }: Experiment): ExperimentQueries {
  const increase = (event: string, variant: string): string =>
    `increase(model_api_events_total{experiment="${name}",event="${event}"${variant}}[${range}])`;
  const each = (event: string, variant: string): string => `sum by (variant) (${increase(event, variant)})`;
  // A variant that nobody converted in has no series of its own.
  const converted = (variant: string): string => `(${each(conversion, variant)} or 0 * ${each(exposure, variant)})`;
  const others = `,variant!="${control}"`;
  const [n, x] = [each(exposure, others), converted(others)];
  const ofControl = (event: string): string => `scalar(sum(${increase(event, `,variant="${control}"`)}))`;
  const [n0, x0] = [ofControl(exposure), `scalar(sum(${converted(`,variant="${control}"`)}))`];
  const [p, p0] = [`(${x} / ${n})`, `(${x0} / ${n0})`];
  const pooled = `((${x} + ${x0}) / (${n} + ${n0}))`;
  const difference = `(${p} - ${p0})`;
  const z = `${difference} / sqrt(${pooled} * (1 - ${pooled}) * (1 / ${n} + 1 / ${n0}))`;
  const margin = `1.96 * sqrt(${p} * (1 - ${p}) / ${n} + ${p0} * (1 - ${p0}) / ${n0})`;
  return {
    exposures: each(exposure, ""),
    conversions: converted(""),
    rate: `${converted("")} / ${each(exposure, "")}`,
    uplift: `${difference} / ${p0}`,
    low: `${difference} - ${margin}`,
    high: `${difference} + ${margin}`,
    z,
    chance: `2 / (1 + exp(1.5976 * abs(${z}) + 0.07056 * abs(${z}) ^ 3))`,
  };
}
