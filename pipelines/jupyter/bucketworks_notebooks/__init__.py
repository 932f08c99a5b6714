"""What the notebooks of the platforms use: logins of the local platform, and faults in one sentence."""

from bucketworks_notebooks.faults import NotebookError, load_ipython_extension
from bucketworks_notebooks.logins import database, object_key, object_store, service_url
from bucketworks_notebooks.refusals import refused

__all__ = [
    "NotebookError",
    "database",
    "load_ipython_extension",
    "object_key",
    "object_store",
    "refused",
    "service_url",
]
