# Text that people read: numbers with their noun, and text of the data without signs that change how it is shown.
"""Count things in text, and clean text."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["POINT_OF_WHOLE", "control_free", "counted", "identity_text"]

POINT_OF_WHOLE: Final = r"^(-?(?:0|[1-9]\d*))\.0+$"
"""A whole number with a decimal point, such as 17850.0; leading zeros are part of an identity."""

# XML forbids control characters and lone surrogates. A terminal obeys them. Directional signs reorder the text. Signs
# without a shape make two texts look the same. The joiners 200C and 200D are letters' own in some scripts.
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)
_LINE_ENDS = re.compile("[\u2028\u2029]")


def control_free(text: str) -> str:
    """Return text without control characters, lone surrogates, directional and invisible signs.

    Line ends and tabs stay; a line separator of Unicode becomes a space.
    """
    return _CONTROL.sub("", _LINE_ENDS.sub(" ", text))


def identity_text(value: Any) -> str:
    """Return an identity as text: a whole number without a decimal point, in text too; other text without space around.

    Parameters
    ----------
    value : object
        A cell: text or a number.

    Returns
    -------
    str
        Such as "17850" of 17850, 17850.0, "17850", " 17850" and "17850.0".
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return re.sub(POINT_OF_WHOLE, r"\1", str(value).strip())


def counted(number: int, one: str, several: str | None = None) -> str:
    """Return a number with its noun.

    Parameters
    ----------
    number : int
        How many.
    one, several : str
        The noun in singular and plural; the default plural ends in -s.

    Returns
    -------
    str
        Such as "1 customer" or "1,948 customers".
    """
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
