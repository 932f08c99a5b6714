"""The feature store of a platform: what its file asks for, carried out by Feast."""

# Before Feast, which sets a variable that has the client keep values in files of its own.
import prometheus_client  # noqa: F401
