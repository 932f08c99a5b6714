"""What a check came to."""

from dataclasses import dataclass

MOST_LINES = 10
"""So many lines are named of those that fail."""


@dataclass(frozen=True)
class Finding:
    """One check of one column; the texts themselves stand nowhere in it."""

    gate: str
    """pandera or great_expectations; reading, of a line that is none."""
    column: str
    expectation: str
    passed: bool
    rows: int | None = None
    """How many rows fail; None where a number of all rows is judged."""
    lines: tuple[int, ...] = ()
    """Of the first of them, in the file, from 1."""
    found: str = ""
    """A number of all rows, and what it should be."""

    def sentence(self) -> str:
        """Say what is wrong."""
        if self.rows is None:
            return f"column {self.column}: {self.expectation} ({self.gate}): {self.found}"
        first = ", ".join(str(each) for each in self.lines)
        more = ", ..." if self.rows > len(self.lines) else ""
        noun = "row" if self.rows == 1 else "rows"
        return f"column {self.column}: {self.expectation} ({self.gate}): {self.rows} {noun}, line {first}{more}"


def of_lines(gate: str, column: str, expectation: str, lines: list[int]) -> Finding:
    """Make the finding of a check that fails in some lines."""
    distinct = sorted(set(lines))
    return Finding(gate, column, expectation, False, len(lines), tuple(distinct[:MOST_LINES]))
