# Files of frozen budgets: JSON or Parquet with a checksum, written whole and never overwritten by another version.
"""Read and write frozen budgets."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custfolio.errors import InputError

__all__ = ["FORMAT", "checksum", "is_version", "read_content", "write_content"]

FORMAT = "custfolio budget"
"""Name of the format; its version stands beside it."""


def checksum(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of content in hexadecimal."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def is_version(path: Path) -> bool:
    """Whether a file is one of a frozen budget, changed or not; other .json and .parquet files are tables."""
    ending = path.suffix.lower()
    if not path.is_file() or ending not in (".json", ".parquet"):
        return False
    if ending == ".json":
        with path.open(encoding="utf-8", errors="replace") as file:
            return f'"format": "{FORMAT}"' in file.read(200)
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return b"custfolio" in (pq.read_schema(path).metadata or {})
    except pa.ArrowInvalid:
        return False


def read_content(path: Path) -> dict[str, Any]:
    """Return the content of a file; another format, or content that its checksum does not fit, raises an InputError."""
    try:
        content, stated = _read(path)
        if content.get("format") != FORMAT or content.get("format_version") != 1:
            raise InputError(
                f"{path} has format {content.get('format')!r}, version {content.get('format_version')!r}; it must be {FORMAT!r}, version 1"
            )
        if checksum(content) != stated:
            raise InputError(f"{path} was changed after it was frozen: its content does not fit its checksum")
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path} is not a frozen budget; it must be a .json or .parquet file that FrozenBudget.save has written"
        ) from None
    return content


def _read(path: Path) -> tuple[dict[str, Any], Any]:
    if path.suffix.lower() == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(path)
        except pa.ArrowInvalid as error:
            raise InputError(f"{path} is no Parquet file: {error}") from None
        content = json.loads((table.schema.metadata or {})[b"custfolio"])
        content["lines"] = {name: table[name].to_pylist() for name in table.column_names}
    else:
        content = json.loads(path.read_text(encoding="utf-8"))
    return content, content.pop("checksum")


def write_content(content: Mapping[str, Any], path: Path) -> None:
    """Write content with its checksum to a .json or .parquet file."""
    from custfolio.report.whole_file import write_whole

    if path.suffix.lower() == ".json":
        text = json.dumps({**content, "checksum": checksum(content)}, ensure_ascii=False, allow_nan=False, indent=1)
        write_whole(path, text + "\n")
    elif path.suffix.lower() == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        head = {name: value for name, value in content.items() if name != "lines"} | {"checksum": checksum(content)}
        table = pa.table(content["lines"])
        text = json.dumps(head, ensure_ascii=False, allow_nan=False)
        buffer = io.BytesIO()
        pq.write_table(table.replace_schema_metadata({"custfolio": text}), buffer)
        write_whole(path, buffer.getvalue())
    else:
        raise InputError(f"{path.name} ends in {path.suffix or 'nothing'}; it must end in .json or .parquet")
