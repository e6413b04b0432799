# The package's own imports, all of them: no circle, and rooms that stand on their floors.
"""Reads every import of the package: at run time, inside functions, and for type hints alone."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "python" / "custfolio"
