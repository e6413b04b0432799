"""Writing files: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(path: str | os.PathLike[str], content: bytes | str) -> Path:
    """Write a file so that a reader sees the old content or the new, never a part.

    The content goes into a temporary file in the same folder, and a rename replaces the file in one step. If
    anything fails, the temporary file is removed and the file at `path` is untouched.

    Parameters
    ----------
    path
        The file to write; a file of that name is replaced and keeps its permissions.
    content
        The whole content; a `str` is written as UTF-8 with its line ends as they are.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    OSError
        Where the folder does not exist or cannot be written to, with `path` as its file name.
    """
    target = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        permissions = target.stat().st_mode & 0o777
    except FileNotFoundError:
        permissions = 0o666 & ~_umask()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part")
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(target)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, permissions)
        os.replace(name, target)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise type(error)(error.errno, error.strerror, str(target)) from None
        raise
    return target


def _umask() -> int:
    """Return the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
