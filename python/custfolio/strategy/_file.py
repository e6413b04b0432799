# The file of a plan: JSON with a format, a version and a checksum, from the states that pickles store.
"""Write a plan to one file, and read it back to the same bits. Reading makes objects of custfolio alone and runs no code of the file."""

from __future__ import annotations

import base64
import copyreg
import dataclasses
import datetime
import hashlib
import importlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from custfolio import _core
from custfolio._tables.result import STATE_FORMAT, Stored
from custfolio.errors import InputError

__all__ = ["read", "write"]

_FORMAT = "custfolio plan"
_VERSION = 1


def write(path: str | os.PathLike[str], plan: Stored) -> None:
    """Write a plan to a .json file, whole or not at all."""
    from custfolio.report.whole_file import check_kind, write_whole

    check_kind(path, ".json")
    content = json.dumps(_Writer().of(plan), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    head = {"format": _FORMAT, "version": _VERSION, "state_format": STATE_FORMAT, "checksum": _checksum(content)}
    # The content is text in a line of its own, so that the checksum is that of its bytes.
    write_whole(path, f"{json.dumps(head)[:-1]},\n{json.dumps('content')}: {content}}}\n")


def read(path: str | os.PathLike[str]) -> Any:
    """Return what :func:`write` has written; InputError where the file is another one, of another version, or damaged."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        found = json.loads(text)
        _check_head(path, found)
        content = text.partition('\n"content": ')[2].rstrip().removesuffix("}")
        if _checksum(content) != found["checksum"]:
            raise InputError(f"{os.fspath(path)} is damaged: its content does not fit its checksum")
        return _Reader().of(found["content"])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError, ImportError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{os.fspath(path)} is no file that Plan.save has written, or it is damaged") from None


def _check_head(path: str | os.PathLike[str], found: Any) -> None:
    name = os.fspath(path)
    if not isinstance(found, Mapping) or found.get("format") != _FORMAT:
        raise InputError(f"{name} is no file that Plan.save has written")
    if found.get("version") != _VERSION:
        raise InputError(
            f"{name} has version {found.get('version')!r} of a plan; this custfolio reads version {_VERSION}"
        )
    if found.get("state_format") != STATE_FORMAT:
        raise InputError(
            f"{name} has results of format {found.get('state_format')!r}; this custfolio reads format {STATE_FORMAT}: make the plan again"
        )


def _checksum(content: str) -> str:
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


class _Writer:
    """Plain JSON of objects; an object that occurs again is a reference."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []  # so that no identity is used twice

    def of(self, value: Any) -> Any:
        """Return the JSON of a value."""
        if value is None or isinstance(value, (bool, str)) or type(value) is int:
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if type(value) is list:
            return [self.of(one) for one in value]
        if type(value) is tuple:
            return {"tuple": [self.of(one) for one in value]}
        if isinstance(value, dict):
            return {"dict": [[self.of(name), self.of(one)] for name, one in value.items()]}
        if isinstance(value, np.generic):
            return {"scalar": self.of(np.array([value]))}
        if isinstance(value, (datetime.date, datetime.time)):  # a datetime is a date
            return {"time": [type(value).__name__, value.isoformat()]}
        if id(value) in self._numbers:
            return {"again": self._numbers[id(value)]}
        made = self._array(value) if isinstance(value, np.ndarray) else self._object(value)
        self._numbers[id(value)] = len(self._kept)
        self._kept.append(value)
        return made

    def _array(self, value: Any) -> Any:
        if value.dtype.hasobject:
            return {"objects": [self.of(one) for one in value.ravel().tolist()], "shape": value.shape}
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"array": data, "type": value.dtype.str, "shape": value.shape}

    def _object(self, value: Any) -> Any:
        kind = type(value)
        if not _is_ours(kind):
            raise InputError(f"a plan with {kind.__name__} inside cannot be saved")
        make, arguments, state = (*value.__reduce_ex__(4), None)[:3]
        if make is not copyreg.__newobj__ or arguments != (kind,):  # type: ignore[attr-defined]
            raise InputError(f"a plan with {kind.__name__} inside cannot be saved")
        return {"object": f"{kind.__module__}:{kind.__qualname__}", "state": self.of(state)}


class _Reader:
    """Objects of the JSON that :class:`_Writer` makes."""

    def __init__(self) -> None:
        self._made: list[Any] = []

    def of(self, value: Any) -> Any:
        """Return the value of JSON."""
        if isinstance(value, list):
            return [self.of(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "float" in value:
            return float(value["float"])
        if "tuple" in value:
            return tuple(self.of(one) for one in value["tuple"])
        if "dict" in value:
            return {self.of(name): self.of(one) for name, one in value["dict"]}
        if "scalar" in value:
            return self.of(value["scalar"])[0]
        if "time" in value:
            name, stamp = value["time"]
            kinds = {kind.__name__: kind for kind in (datetime.date, datetime.datetime, datetime.time)}
            return kinds[name].fromisoformat(stamp)
        if "again" in value:
            return self._made[value["again"]]
        made = self._object(value) if "object" in value else self._array(value)
        self._made.append(made)
        return made

    def _array(self, value: Mapping[str, Any]) -> Any:
        if "objects" in value:
            cells = np.empty(len(value["objects"]), dtype=object)
            cells[:] = [self.of(one) for one in value["objects"]]
            return cells.reshape(value["shape"])
        kind = np.dtype(value["type"])
        if kind.hasobject:
            raise ValueError("an array of objects")
        return np.frombuffer(base64.b64decode(value["array"], validate=True), dtype=kind).reshape(value["shape"]).copy()

    def _object(self, value: Mapping[str, Any]) -> Any:
        module, _, name = value["object"].partition(":")
        if module.partition(".")[0] != "custfolio":
            raise ValueError(f"a class of {module}")
        kind = getattr(importlib.import_module(module), name)
        if not isinstance(kind, type) or not _is_ours(kind):
            raise ValueError(f"no result: {name}")
        state = self.of(value["state"])
        made = cast(Any, kind).__new__(kind)
        if hasattr(made, "__setstate__"):
            made.__setstate__(state)
        else:
            for attribute, one in state.items():
                object.__setattr__(made, attribute, one)
        return made


def _is_ours(kind: type) -> bool:
    """Whether objects of a class are stored by their states: results, settings, and the core's results."""
    if kind.__module__ == _core.__name__:
        return hasattr(kind, "__setstate__")
    return kind.__module__.startswith("custfolio.") and (issubclass(kind, Stored) or dataclasses.is_dataclass(kind))
