# Results that write themselves as a page and as a workbook.
"""Writing a result's pages."""

from __future__ import annotations

import datetime
import os
from abc import abstractmethod
from typing import Any

from custfolio._tables.arguments import checked
from custfolio._tables.result import Result

__all__ = ["Paged"]


@checked
class Paged(Result):
    """A result with a page and a workbook; a subclass collects their content in ``pages``."""

    @abstractmethod
    def pages(self, *arguments: Any, **content: Any) -> Any:
        """Return the content of the page and the workbook; a subclass documents its arguments."""

    def report(self, path: str | os.PathLike[str], **content: Any) -> None:
        """Write the result as one self-contained HTML page, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .html file.
        **content
            As for :meth:`pages`.

        Raises
        ------
        InputError
            If the file's name has another ending.
        OSError
            If the file cannot be written.
        """
        from custfolio.report import html
        from custfolio.report.whole_file import check_kind

        check_kind(path, ".html")
        html.write(path, self.pages(**content))

    def to_excel(self, path: str | os.PathLike[str], *, stamp: datetime.datetime | None = None, **content: Any) -> None:
        """Write the result as a workbook, whole or not at all.

        Parameters
        ----------
        path : str or path
            The .xlsx file.
        stamp : datetime, optional
            Time of the workbook; default now. The same stamp gives the same bytes.
        **content
            As for :meth:`pages`.

        Raises
        ------
        InputError
            If the file's name has another ending.
        OSError
            If the file cannot be written.
        """
        from custfolio.report import workbook
        from custfolio.report.whole_file import check_kind

        check_kind(path, ".xlsx")
        workbook.write(path, self.pages(**content), stamp=stamp)
