"""Published figures, which reports show beside measured ones: tables as CSV, and what reads them."""

from __future__ import annotations

from reports.published.tables import COCOMPILE as COCOMPILE
from reports.published.tables import CompilerFigures as CompilerFigures
from reports.published.tables import Latency as Latency
from reports.published.tables import OperatorCount as OperatorCount
from reports.published.tables import Source as Source
from reports.published.tables import TableError as TableError
from reports.published.tables import cocompile_compiler as cocompile_compiler
from reports.published.tables import cocompile_latency as cocompile_latency
from reports.published.tables import cocompile_operators as cocompile_operators
