"""Experiments while requests come: who is dealt which variant, and what is kept of it."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry

from pipeline_mlops.failed import FailedError
from pipeline_mlops.serving.bodies import EventRequest
from pipeline_mlops.serving.experiments import Assignment, Experiment, assigned
from pipeline_mlops.serving.recording import Recording
from pipeline_mlops.serving.served import ServedAlias


class Dealer:
    """Deals units to variants."""

    def __init__(self, experiments: list[Experiment], recording: Recording, events: set[str]) -> None:
        """Take the platform's experiments.

        Args:
            experiments: in the order of the platform's file.
            recording: keeps what comes of them.
            events: that the model's configuration has.

        Raises:
            FailedError: one measures an event that nobody can send.
        """
        for each in experiments:
            unknown = sorted(set(each.events) - events)
            if unknown:
                raise FailedError(
                    f"experiment {each.name} measures {', '.join(unknown)}, which the model's configuration doesn't"
                    f" have among serving.events; there are: {', '.join(sorted(events)) or 'none'}"
                )
        self._experiments = experiments
        self._recording = recording

    def register(self, registry: CollectorRegistry) -> None:
        """Show what waits and what was lost."""
        self._recording.register(registry)

    async def work(self) -> None:
        """Bring records to the database until cancelled."""
        await self._recording.work()

    def deal(self, attributes: Mapping[str, str], versions: Mapping[str, ServedAlias]) -> Assignment | None:
        """Deal a unit. Nobody takes part in an experiment that was stopped, or one of whose versions isn't loaded:
        to answer one variant alone would make the two groups different ones.
        """
        found = assigned(self._experiments, attributes)
        if found is None or found.experiment.name in self._recording.stopped:
            return None
        if any(versions[each.alias].loaded is None for each in found.experiment.variants):
            return None
        return found

    def exposed(self, assignment: Assignment, version: str) -> None:
        """Keep that a unit was dealt its variant."""
        self._recording.exposed(assignment, version)

    def happened(self, body: EventRequest, versions: Mapping[str, ServedAlias]) -> tuple[str, str] | None:
        """Keep an event of a unit.

        Returns:
            The experiment in which it is, and its variant, for metrics; None where it is in none.

        Raises:
            FullError: there is no room; nothing was kept.
        """
        attributes = body.attributes or {}
        self._recording.happened(body.event, body.value, attributes, None if body.id is None else str(body.id))
        found = self.deal(attributes, versions)
        return None if found is None else (found.experiment.name, found.variant.name)
