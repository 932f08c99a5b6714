"""What both gates came to, for people and for programs. It names lines, and holds none of the texts."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from data_gates.finding import Finding


@dataclass(frozen=True)
class Report:
    """Of one version of data."""

    model: str
    data_version: str
    texts: int
    spans: int
    findings: Sequence[Finding]

    @property
    def failed(self) -> list[Finding]:
        """What stops the pipeline."""
        return [each for each in self.findings if not each.passed]

    def write(self, folder: Path) -> None:
        """Write `validation.json` and `validation.md`.

        Raises:
            OSError: they can't be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        plain = {
            "model": self.model,
            "data_version": self.data_version,
            "texts": self.texts,
            "spans": self.spans,
            "passed": not self.failed,
            "findings": [asdict(each) for each in self.findings],
        }
        (folder / "validation.json").write_text(json.dumps(plain, indent=2) + "\n")
        (folder / "validation.md").write_text(self._markdown())

    def _markdown(self) -> str:
        count = len(self.failed)
        verdict = f"{count} {'check' if count == 1 else 'checks'} failed" if count else "all checks passed"
        lines = [
            f"# Data of {self.model}: {verdict}",
            "",
            f"Version {self.data_version}: {self.texts} texts, {self.spans} spans. Lines are those of the file;"
            " no text is shown.",
            "",
            "| | gate | column | expectation | rows that fail | first lines | found |",
            "|---|---|---|---|---|---|---|",
        ]
        for each in sorted(self.findings, key=lambda one: one.passed):
            cells = (
                "passed" if each.passed else "**failed**",
                each.gate,
                each.column,
                each.expectation,
                "" if each.rows is None else str(each.rows),
                ", ".join(map(str, each.lines)),
                each.found,
            )
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
        return "\n".join(lines) + "\n"
