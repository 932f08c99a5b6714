"""What the detector sees of a row: sizes on a scale of powers of ten.

Addresses, times and the protocol are left out: three ICMP rows in a hundred would be all that it ever finds.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]

_SHORTEST_SECONDS = 0.001  # a duration of 0 has no logarithm, and no rate

FEATURES = {
    "log_bytes": "log10 of bytes",
    "log_duration": f"log10 of duration in seconds, {_SHORTEST_SECONDS} at least",
    "log_rate": "log10 of bytes a second",
}


def features(rows: pa.Table) -> Floats:
    """Answer a line for each row, in the order of `FEATURES`."""
    size = np.log10(rows.column("bytes").to_numpy().astype(np.float64))
    duration = np.log10(np.maximum(rows.column("duration").to_numpy(), _SHORTEST_SECONDS))
    return np.column_stack([size, duration, size - duration])


def microseconds(rows: pa.Table) -> npt.NDArray[np.int64]:
    """Answer when each row was, in microseconds since 1970 (UTC)."""
    return np.asarray(pc.cast(rows.column("timestamp"), pa.int64()).to_numpy(), np.int64)
