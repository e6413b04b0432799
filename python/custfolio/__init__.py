# The package's face: every public name, loaded when it is first used.
"""Customer portfolios as water in a bucket: the level is revenue, the temperature profitability.

The temperature must rise without the level dropping, in five steps: selection, remediation, anchoring, internal growth and
external growth. Names are loaded on first use, so that ``import custfolio`` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from custfolio._core import Bucket, __version__, pour
    from custfolio.errors import CustfolioError, InfeasibleError, InputError, NotFoundError, NumericalError

_HOME = {
    "Bucket": "_core",
    "CustfolioError": "errors",
    "InfeasibleError": "errors",
    "InputError": "errors",
    "NotFoundError": "errors",
    "NumericalError": "errors",
    "__version__": "_core",
    "pour": "_core",
}

__all__ = [
    "Bucket",
    "CustfolioError",
    "InfeasibleError",
    "InputError",
    "NotFoundError",
    "NumericalError",
    "__version__",
    "pour",
]


def __getattr__(name: str) -> object:
    """Load a public name from the module that defines it (PEP 562)."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'custfolio' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"custfolio.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
