# The picture of the bucket: well-formed, escaped, true to its figures.
from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custfolio.report import bucket_picture
from custfolio.report.data import BucketFigures
from custfolio.report.svg import element, ticks

SVG = "{http://www.w3.org/2000/svg}"
BEFORE = {"level": 428_123_535.40, "heat": 32_215_889.22, "customers": 1_948, "frozen": 185}
AFTER = {"level": 431_900_000.0, "heat": 38_400_000.0, "customers": 1_921, "frozen": 0}


def _texts(picture: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(picture.encode()).iter(f"{SVG}text")]


def test_it_shows_the_bucket_before_and_after_and_the_five_steps() -> None:
    texts = _texts(bucket_picture.svg(BEFORE, AFTER, target=0.05))
    assert "428.1\u00a0M" in texts and "431.9\u00a0M" in texts
    assert "at 7.5%" in texts and "at 8.9%" in texts
    assert "185 ice cubes" in texts and "no ice cubes" in texts
    assert [text for text in texts if text[:1].isdigit() and text[1:3] == "  "] == [
        "1  Selection",
        "2  Remediation",
        "3  Anchoring",
        "5  External growth",
        "4  Internal growth",
    ]


def test_text_is_escaped_and_nothing_is_loaded() -> None:
    picture = bucket_picture.svg(BEFORE, AFTER, title='</title><script>alert("1")</script>\x00\ud800&')
    root = ElementTree.fromstring(picture.encode())
    assert not list(root.iter(f"{SVG}script")) and "<script" not in picture
    assert root.findtext(f"{SVG}title") == '</title><script>alert("1")</script>&'
    loaded = [value for node in root.iter() for name, value in node.attrib.items() if name.endswith("href")]
    assert all(value.startswith("#") for value in loaded)
    assert "url(" not in picture and "http" not in picture.replace("http://www.w3.org/2000/svg", "")


def test_it_has_a_name_and_a_description_for_those_who_cannot_see_it() -> None:
    root = ElementTree.fromstring(bucket_picture.svg(BEFORE, AFTER).encode())
    assert root.get("role") == "img"
    described = root.findtext(f"{SVG}desc") or ""
    assert "level 428.1" in described and "185 ice cubes" in described


def _surface(picture: str, place: int) -> float:
    root = ElementTree.fromstring(picture.encode())
    water = [node.get("d", "") for node in root.iter(f"{SVG}path") if node.get("fill-opacity") == "0.92"]
    return float(water[place].split()[2])


def test_the_height_of_the_water_is_the_level() -> None:
    full = bucket_picture.svg({**BEFORE, "level": 100.0}, {**AFTER, "level": 50.0}, capacity=100.0)
    bottom = 236.0 + 172.0
    assert bottom - _surface(full, 0) == pytest.approx(2 * (bottom - _surface(full, 1)))


def test_colours_go_from_blue_to_red() -> None:
    assert bucket_picture.water_colour(-1.0) == bucket_picture.water_colour(-0.05) == "#a8cde6"
    assert bucket_picture.water_colour(1.0) == bucket_picture.water_colour(0.14) == "#cb5a3a"
    cold, warm = bucket_picture.water_colour(0.0), bucket_picture.water_colour(0.10)
    assert int(cold[5:], 16) > int(cold[1:3], 16) and int(warm[1:3], 16) > int(warm[5:], 16)
    assert bucket_picture.water_colour(math.nan) == "#b9b4aa"


def test_an_empty_bucket_has_no_temperature() -> None:
    empty = BucketFigures(0.0, 0.0, 0)
    assert math.isnan(empty.temperature)
    ElementTree.fromstring(bucket_picture.svg(empty, empty).encode())


@example(level=1.1125369292536007e-308, heat=1.0, customers=0, frozen=0, title="")
@given(
    level=st.floats(0, 1e13),
    heat=st.floats(-1e13, 1e13),
    customers=st.integers(0, 10**7),
    frozen=st.integers(0, 10**7),
    title=st.text(st.characters(), max_size=40),
)
def test_any_bucket_gives_a_well_formed_picture(
    level: float, heat: float, customers: int, frozen: int, title: str
) -> None:
    bucket = BucketFigures(level, heat, customers, frozen)
    ElementTree.fromstring(bucket_picture.svg(bucket, BEFORE, title=title, target=0.05).encode())


def test_locale_and_bad_input(tmp_path: Path) -> None:
    assert "428,1\u00a0mln." in bucket_picture.svg(BEFORE, AFTER, locale="nl_BE")
    with pytest.raises(ValueError, match="capacity of the bucket must be positive"):
        bucket_picture.svg(BEFORE, AFTER, capacity=0.0)
    with pytest.raises(ValueError, match="locale is 'xx_nowhere'"):
        bucket_picture.svg(BEFORE, AFTER, locale="xx_nowhere")
    bucket_picture.write(tmp_path / "coaster.svg", BEFORE, AFTER)
    assert (tmp_path / "coaster.svg").read_text(encoding="utf-8") == bucket_picture.svg(BEFORE, AFTER)


@given(st.floats(-1e12, 1e12), st.floats(0.001, 1e12), st.integers(2, 8))
def test_ticks_cover_the_range(low: float, width: float, count: int) -> None:
    marks = ticks(low, low + width, count)
    slack = 1e-6 * width + 1e-9 * abs(low)
    assert marks[0] <= low + slack and marks[-1] >= low + width - slack
    assert 2 <= len(marks) <= 2 * count + 3


def test_elements_escape_attributes() -> None:
    assert element("a", "<&>", x=1.0, class_='"><b>') == '<a x="1" class="&quot;&gt;&lt;b&gt;">&lt;&amp;&gt;</a>'
    with pytest.raises(ValueError, match="finite"):
        element("a", x=math.inf)
