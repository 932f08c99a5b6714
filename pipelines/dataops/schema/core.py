"""Finds a table's schema: `schema/tables/TABLE.py` has it as SCHEMA."""

from importlib import import_module

from pipeline_shared.settings import SettingsError

from schema.base import TableSchema


def load_schema(name: str) -> TableSchema:
    """Answer the schema of a raw table.

    Raises:
        SettingsError: the table has no schema file, or that has no SCHEMA of this name.
    """
    place = f"schema/tables/{name}.py"
    try:
        module = import_module(f"schema.tables.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"schema.tables.{name}":
            raise
        raise SettingsError(f"table {name!r}: has no schema file {place}") from None
    found = getattr(module, "SCHEMA", None)
    if not isinstance(found, TableSchema) or found.name != name:
        raise SettingsError(f"{place}: must have SCHEMA = TableSchema(name={name!r}, ...)")
    return found
