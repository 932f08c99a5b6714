"""The daily ingestion: rows are made or read, validated, kept as Parquet, uploaded to RAW and audited."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pyarrow as pa
import structlog
from pipeline_shared.log import configure_log, hide, new_run_id
from pipeline_shared.settings import MinioSettings, PostgresSettings, load_settings
from pipeline_shared.stopping import StoppedError, stop_if_asked

from pipeline.failed import FailedError
from pipeline.ingestion.audit import AuditError, Event, add
from pipeline.ingestion.files import also_named, file_name, keep_rejected, other_names, take_name, write_parquet
from pipeline.ingestion.journal import Entry, Journal
from pipeline.ingestion.source_rows import generate_network_events, read_network_events
from pipeline.ingestion.validation import RefusedError, valid
from pipeline.orchestration import flow, task
from pipeline.storage.layers import RAW
from pipeline.storage.upload import UnknownOutcomeError, Upload, UploadError


@dataclass(frozen=True)
class Order:
    """What a run is to ingest, and where it keeps its files."""

    run_id: str = field(default_factory=new_run_id)
    data: Path = Path("data")
    rows: int = 10
    seed: int | None = None
    input: Path | None = None

    @property
    def ingested(self) -> Path:
        """Where ingested files lie."""
        return self.data / "ingested"


class IngestionError(FailedError):
    """The run failed; the sentence says why, and what becomes of it."""


@dataclass(frozen=True)
class Place:
    """What a run works with."""

    order: Order
    journal: Journal
    minio: MinioSettings
    postgres: PostgresSettings

    def unfinished(self, run_id: str) -> Path:
        """Where the file of a run lies until it is whole."""
        return self.order.ingested / f".{run_id}.partial"


@flow
def data_ingestion_flow(
    order: Order | None = None, minio: MinioSettings | None = None, postgres: PostgresSettings | None = None
) -> str:
    """Run the ingestion once, after ending what earlier runs left.

    Args:
        order: what to ingest; None, of a deployment, is ten rows that are made up.
        minio: None, of a deployment, is the environment's.
        postgres: None, of a deployment, is the environment's.

    Returns:
        The object's URI.

    Raises:
        IngestionError: nothing was ingested, or the next run has to end it.
    """
    if order is None:
        order = Order()
        configure_log(order.run_id, service="ingest", platform="cybersec")
    if minio is None or postgres is None:
        minio, postgres = load_settings()
    hide(minio.secret_key.get_secret_value(), postgres.password.get_secret_value())
    order.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    order.ingested.mkdir(exist_ok=True)
    place = Place(order, Journal(order.data / "pending"), minio, postgres)
    settle_earlier_runs(place)
    now = dt.datetime.now(dt.UTC)
    with place.journal.own(order.run_id):
        entry = place.journal.write(Entry(order.run_id, "writing", now.isoformat(), file_name(now)))
        try:
            whole = save_parquet(place, entry)
        except (RefusedError, StoppedError, OSError) as error:
            reason = _refusal(order, entry, error) if isinstance(error, RefusedError) else str(error)
            place.unfinished(entry.run_id).unlink(missing_ok=True)
            return fail(place, entry, reason)
        return finish(place, place.journal.write(whole), sent_before=False)


@task
def save_parquet(place: Place, entry: Entry) -> Entry:
    """Write the validated rows to `data/ingested/`, under the first free name of the run's second."""
    file = place.unfinished(entry.run_id)
    source = place.order.input.name if place.order.input else "made-up rows"
    rows = write_parquet(validated(place.order, entry), file, entry.run_id, source)
    named = take_name(file, other_names(entry.file))
    structlog.get_logger().info("saved", file=str(named), rows=rows, bytes=named.stat().st_size)
    return entry.to("ready", file=named.name, rows=rows)


def validated(order: Order, entry: Entry) -> Iterator[pa.Table]:
    """Answer the rows in batches, each judged before it is written."""
    now = dt.datetime.fromisoformat(entry.ingested_at)
    rows = 0
    source = read_network_events(order.input) if order.input else generate_network_events(order.rows, order.seed, now)
    for batch in source:
        stop_if_asked()
        yield valid(batch, now, rows)
        rows += batch.num_rows


@task
def upload_to_minio(
    minio: MinioSettings, file: Path, *, sent_before: bool = False, renamed: Callable[[str], None] = lambda _: None
) -> str:
    """Upload a Parquet file to RAW under its bare name; another object of that name stays, and this one gets -1.

    Args:
        minio: where to, and by whose key.
        file: what; it gets the name of the object.
        sent_before: an earlier process may have sent the file under this name already.
        renamed: told of another name before anything is sent under it.

    Returns:
        The object's URI, `s3://bucket/file`.
    """
    upload = Upload(minio, file, RAW)
    passed: list[Path] = []
    for name in other_names(file.name):
        if name != file.name and not also_named(file, name):
            continue
        if name != file.name:
            renamed(name)
        if upload.put(name, sent_before=sent_before and name == file.name):
            for each in passed:
                each.unlink()
            return f"s3://{RAW}/{name}"
        passed.append(file.with_name(name))
    raise AssertionError("names have no end")


@task
def record_event(postgres: PostgresSettings, entry: Entry) -> None:
    """Add the run's row to `ingestion_events`."""
    succeeded = entry.state == "uploaded"
    when = dt.datetime.fromisoformat(entry.ingested_at).replace(tzinfo=None)
    path = f"s3://{RAW}/{entry.file}" if succeeded else ""
    event = Event(when, entry.file, path, entry.rows if succeeded else 0, "SUCCESS" if succeeded else "FAILED")
    added = add(postgres, event)
    structlog.get_logger().info("audited", estado=event.estado, ruta_minio=path, rows=event.num_registros, added=added)


def finish(place: Place, entry: Entry, *, sent_before: bool) -> str:
    """Take a run whose file is whole to its end: upload, row, and nothing left in the journal."""
    if entry.state == "ready":
        file = place.order.ingested / entry.file
        keep_name = partial(rename, place.journal, entry)
        try:
            uri = upload_to_minio(place.minio, file, sent_before=sent_before, renamed=keep_name)
        except UnknownOutcomeError as error:
            raise IngestionError(f"{error}; whether the object is there is unknown, the next run finds out") from None
        except UploadError as error:
            return fail(place, entry, str(error))
        except OSError as error:
            raise IngestionError(_lost(place, entry, file, error)) from None
        entry = place.journal.write(entry.to("uploaded", file=uri.rpartition("/")[2]))
    audit(place, entry)
    return f"s3://{RAW}/{entry.file}"


def rename(journal: Journal, entry: Entry, name: str) -> None:
    """Keep in the journal under which name the file is sent from now on."""
    journal.write(entry.to("ready", file=name))


def fail(place: Place, entry: Entry, reason: str) -> str:
    """End a run as FAILED in the audit.

    Raises:
        IngestionError: always.
    """
    structlog.get_logger().error("failed", reason=reason, file=entry.file)
    audit(place, place.journal.write(entry.to("failed", reason=reason)))
    raise IngestionError(reason)


def audit(place: Place, entry: Entry) -> None:
    """Add the row of a run that is at its end, and forget the run."""
    try:
        record_event(place.postgres, entry)
    except AuditError as error:
        what = f"{entry.reason}; " if entry.reason else f"s3://{RAW}/{entry.file} is there; "
        raise IngestionError(f"{what}its row is not: {error}; the next run adds it") from None
    place.journal.end(entry)


def settle_earlier_runs(place: Place) -> None:
    """End what killed or cut off runs left in this data folder: each gets its row, and its object if data was whole."""
    for entry in place.journal.left_over():
        log = structlog.get_logger().bind(earlier_run_id=entry.run_id, state=entry.state)
        try:
            if entry.state == "writing":
                place.unfinished(entry.run_id).unlink(missing_ok=True)
                fail(place, entry, "the run was ended before its data was whole")
            elif entry.state == "failed":
                audit(place, entry)
            else:
                finish(place, entry, sent_before=True)
            log.info("settled")
        except IngestionError as error:
            log.warning("settled as failed, or left for later", reason=str(error))


def _lost(place: Place, entry: Entry, file: Path, error: OSError) -> str:
    return (
        f"{file}: {error.strerror or error}; whether it was uploaded to {RAW} is unknown. Put it back, and the "
        f"next run ends it; where it is lost, `reconcile` tells whether s3://{RAW}/{entry.file} is there "
        f"without its row, and then remove {place.journal.place(entry)}"
    )


def _refusal(order: Order, entry: Entry, refusal: RefusedError) -> str:
    report = keep_rejected(order.data / "rejected", entry.file, refusal, order.input, entry.run_id)
    return f"the data is refused: {refusal}; {report} says more"


if __name__ == "__main__":
    from pipeline.ingestion.cli import ingest

    ingest()
