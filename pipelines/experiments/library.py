"""The one place that calls GrowthBook's library."""

from dataclasses import dataclass

from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest
from gbstats.models.statistics import ProportionStatistic, SampleMeanStatistic
from gbstats.utils import check_srm

MISMATCH = 0.001
"""Below this chance a split is taken for another than the declared one, as GrowthBook has it."""


@dataclass(frozen=True)
class Counts:
    """Of one variant and one metric."""

    units: int
    total: float
    squares: float
    """Sum of the squares; of a proportion it is the total."""

    def statistic(self, kind: str) -> ProportionStatistic | SampleMeanStatistic:
        """Answer what the library counts with."""
        if kind == "proportion":
            return ProportionStatistic(n=self.units, sum=self.total)
        return SampleMeanStatistic(n=self.units, sum=self.total, sum_squares=self.squares)


@dataclass(frozen=True)
class Comparison:
    """A variant less the control, in the metric's own unit."""

    estimate: float
    low: float
    high: float
    chance: float
    """Anytime-valid p value: how likely such a difference is by chance alone, at any time until now."""


def compared(kind: str, control: Counts, variant: Counts, alpha: float, tuning: float) -> Comparison | None:
    """Compare a variant with the control.

    Args:
        kind: proportion or mean.
        control: its counts.
        variant: its counts.
        alpha: of the interval, 0.05 for 95 %.
        tuning: units of both at which the interval is the narrowest that it can be; chosen before.

    Returns:
        None where nothing can be said yet: nobody in a variant, or all alike.
    """
    a, b = control.statistic(kind), variant.statistic(kind)
    if min(control.units, variant.units) < 2 or a.variance <= 0 or b.variance <= 0:
        return None
    config = SequentialConfig(difference_type="absolute", alpha=alpha, sequential_tuning_parameter=tuning)
    test = SequentialTwoSidedTTest(a, b, config)
    low, high = test.confidence_interval
    return Comparison(float(test.point_estimate), float(low), float(high), float(test.p_value))


def split_chance(units: list[int], shares: list[float]) -> float:
    """Say how likely a split as uneven as this one is, where units are dealt as declared."""
    return float(check_srm(units, shares))
