# Distributions of money: their arithmetic and tails against exact binomials and enumeration.
import math
from fractions import Fraction

import numpy as np
import pytest

import custfolio as cf
from custfolio.growth import Distribution, mix, sum_distribution


def test_tails_keep_their_digits() -> None:
    found = sum_distribution([0.01] * 60, [5.0] * 60)
    p = Fraction(0.01)
    for count in (1, 10, 30, 59, 60):
        exact = sum(math.comb(60, k) * p**k * (1 - p) ** (60 - k) for k in range(count, 61))
        tail = found.tail(5.0 * count)
        assert tail.probability == pytest.approx(float(exact), rel=1e-12)
        assert abs(tail.probability / float(exact) - 1) <= tail.relative_error
        assert found.probability_at_least(5.0 * count) == pytest.approx(float(exact), rel=1e-6)
    assert found.tail(0, upper=False).probability == pytest.approx(float((1 - p) ** 60), rel=1e-13)


def test_arithmetic() -> None:
    coin = Distribution.from_atoms([0, 1], [0.5, 0.5])
    three = 2 * coin + coin + 1
    assert three.to_frame("polars")["value"].to_list() == [1, 2, 3, 4]
    np.testing.assert_allclose(three.mass, 0.25)
    assert three.mean == 2.5
    assert (1 - coin).mean == 0.5
    assert (coin - coin).variance == 0.5
    assert (-three).quantile(0) == -4
    assert three.given(at_least=3).mean == pytest.approx(3.5)
    assert mix([coin, three], [0.5, 0.5]).mean == 1.5
    assert three.expected_shortfall(0.5) == pytest.approx(1.5)
    assert three.expected_shortfall(0.5, upper=True) == pytest.approx(3.5)
    assert set(three.sample(100, 3).tolist()) == {1, 2, 3, 4}
    np.testing.assert_array_equal(three.sample(10, 3), three.sample(10, 3, threads=1))


def test_it_shows_itself() -> None:
    coin = Distribution.from_atoms([0, 1], [0.5, 0.5])
    assert "P90" in coin._repr_html_()
    assert coin.plot(width=200).to_dict()["width"] == 200


def test_bad_input_is_named() -> None:
    coin = Distribution.from_atoms([0, 1], [0.5, 0.5])
    with pytest.raises(cf.InputError, match=r"sum to 0\.9"):
        Distribution.from_atoms([0, 1], [0.5, 0.4])
    with pytest.raises(cf.InputError, match="no amount from 2"):
        coin.given(at_least=2)
    with pytest.raises(cf.InputError, match="part 2 is int"):
        mix([coin, 3], [0.5, 0.5])  # type: ignore[list-item]
    with pytest.raises(cf.InputError, match=r"weights sum to 1\.5"):
        mix([coin, coin], [0.5, 1.0])
    with pytest.raises(TypeError):
        coin + "1"


def test_arrays_are_taken_number_by_number() -> None:
    total = sum_distribution([0.5, 0.25], [10.0, 20.0])
    for function in (total.quantile, total.cdf, total.probability_at_least):
        np.testing.assert_array_equal(function([[0.1], [0.9]]), [[function(0.1)], [function(0.9)]])
        assert isinstance(function(0.5), float)
        with pytest.raises(cf.InputError, match="it must be real numbers"):
            function("half")
    growth = cf.grow({"customer": ["a"], "step": ["x"], "probability": [0.5], "contribution": [8.0]}, "2022-01", 1)
    np.testing.assert_array_equal(growth.quantile([0.1, 0.9]), [0.0, 8.0])
    np.testing.assert_array_equal(growth.probability([0.0, 8.0, 9.0]), [1.0, 0.5, 0.0])
