"""Command `migration`: prints the SQL of a table, to be saved as the next file of config/migrations/dataops."""

import argparse

from conf.base import chosen, load_table
from conf.environment.base import load_environment
from schema.core import load_schema
from schema.migration import migration as written


def migration(given: argparse.Namespace) -> int:
    """Print it; asks no server."""
    conf = load_table(chosen(given.table, load_environment()))
    print(written(load_schema(conf.table), conf.processed_table, conf.dataset), end="")
    return 0
