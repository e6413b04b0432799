# The README's examples are the ones that the tests run.
"""README and examples agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(("language", "example"), [("python", "python/plan.py"), ("cpp", "cpp/bucket.cpp")])
def test_printed_example_is_an_example_that_runs(language: str, example: str) -> None:
    printed = re.search(rf"```{language}\n(.*?)```", (TOP / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert printed is not None
    assert (TOP / "examples" / example).read_text(encoding="utf-8").endswith(printed.group(1))
