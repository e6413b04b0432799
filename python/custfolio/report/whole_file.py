# The files that the library writes: which ones may be written, and how.
"""Writing files: whole or not at all, and never over an input or over what is no file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from custfolio.errors import InputError

__all__ = ["check_folder", "check_kind", "check_outputs", "output_file", "write_all_whole", "write_whole"]


def output_file(path: str | os.PathLike[str]) -> Path:
    """Return the file that a path names, with links followed; InputError unless it is a regular file or does not exist."""
    text = os.fspath(path)
    if not text or "\0" in text:
        raise InputError(f"the path {text!r} names no file")
    target = Path(os.path.realpath(text))
    if target.exists() and not target.is_file():
        raise InputError(f"{text} is {'a folder' if target.is_dir() else 'no regular file'}; it must be a file")
    return target


def check_kind(path: str | os.PathLike[str], *known: str) -> None:
    """Refuse a file whose name has another ending than what is written into it."""
    if not os.fspath(path):
        raise InputError("the path '' names no file")
    ending = Path(os.fspath(path)).suffix
    if ending.lower() not in known:
        listed = " or ".join(filter(None, (", ".join(known[:-1]), known[-1])))
        raise InputError(f"{os.fspath(path)} ends in {ending or 'nothing'}; it must end in {listed}")


def check_folder(path: str | os.PathLike[str]) -> None:
    """Refuse a folder that is neither there nor can be made, before any work is done; nothing is made."""
    folder = Path(os.path.realpath(os.fspath(path)))
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise InputError(f"{os.fspath(path)}: {folder} is no folder, so no file can be written there")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{os.fspath(path)}: the folder {folder} may not be written to")


def check_outputs(outputs: Iterable[str | os.PathLike[str]], inputs: Iterable[str | os.PathLike[str]]) -> None:
    """Refuse an output that is no regular file, that is an input, or that is another output, by any name or link."""

    def key(file: Path) -> object:
        return (file.stat().st_dev, file.stat().st_ino) if file.exists() else file

    taken = {key(Path(os.path.realpath(path))): f"the input {os.fspath(path)}" for path in inputs}
    for path in outputs:
        output = key(output_file(path))
        if output in taken:
            raise InputError(f"{os.fspath(path)} is also {taken[output]}; it must be another file")
        taken[output] = f"the output {os.fspath(path)}"


def write_whole(path: str | os.PathLike[str], content: bytes | str) -> Path:
    """Write a file so that a reader sees the old content or the new, never a part.

    The content goes into a temporary file in the same folder, and a rename replaces the file in one step. If
    anything fails, the temporary file is removed and the file at `path` is untouched.

    Parameters
    ----------
    path
        The file to write. A regular file of that name is replaced and keeps its permissions; a link stays, and its
        target is replaced.
    content
        The whole content; a `str` is written as UTF-8 with its line ends as they are.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    InputError
        If `path` names what is no regular file: a folder, a device.
    OSError
        Where the folder does not exist or cannot be written to, with `path` as its file name.
    """
    target = output_file(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        permissions = target.stat().st_mode & 0o777
    except FileNotFoundError:
        permissions = 0o666 & ~_umask()
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part")
    except OSError as error:
        raise type(error)(error.errno, error.strerror, os.fspath(path)) from None
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
            raise type(error)(error.errno, error.strerror, os.fspath(path)) from None
        raise
    return Path(path)


def write_all_whole(folder: str | os.PathLike[str], files: Mapping[str, bytes | str]) -> list[Path]:
    """Write files into a folder: all of them or, where one cannot be written, none.

    Parameters
    ----------
    folder
        The folder; it is made where it is missing.
    files
        The content of each file by its name.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        If the folder is a file, or a name is taken by what is no regular file.
    OSError
        If a file cannot be written.
    """
    check_folder(folder)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths = [output_file(target / name) for name in files]
    with tempfile.TemporaryDirectory(dir=target, prefix=".part") as part:
        drafts = [write_whole(Path(part) / name, content) for name, content in files.items()]
        for draft, path in zip(drafts, paths, strict=True):
            os.replace(draft, path)
    return [target / name for name in files]


def _umask() -> int:
    """Return the process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
