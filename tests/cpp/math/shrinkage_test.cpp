// Tests of temperatures shrunk towards their segment.
#include "custfolio/math/shrinkage.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "custfolio/math/eigen_views.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

TEST_CASE("shrinkage by hand") {
    // Two customers, two periods each, level 1: within = ((0.1^2 + 0.1^2) * 2) / 2 = 0.02.
    Matrix level(3, 2);
    as_array(level) << 1, 1, 1, 1, 0, 0;
    Matrix heat(3, 2);
    as_array(heat) << 0.0, 0.2, 0.6, 0.8, 0.0, 0.0;
    const std::vector<std::int32_t> segment{0, 0, 0};
    const ShrunkTemperature shrunk = shrink_temperature(level, heat, segment, 1);
    CHECK(shrunk.within == doctest::Approx(0.02));
    // Each has level 2; spread = 2 (0.3^2 + 0.3^2) = 0.36; unit = 4 - 8 / 4 = 2; between = (0.36 - 0.02) / 2.
    CHECK(shrunk.segment_variance[0] == doctest::Approx(0.17));
    CHECK(shrunk.segment_mean[0] == doctest::Approx(0.4));
    const double weight = 0.17 / (0.17 + 0.01);
    CHECK(shrunk.weight[0] == doctest::Approx(weight));
    CHECK(shrunk.expected[0] == doctest::Approx(0.4 - 0.3 * weight));
    CHECK(shrunk.variance[0] == doctest::Approx(weight * 0.01));
    CHECK(std::isnan(shrunk.observed[2]));
    CHECK(shrunk.expected[2] == doctest::Approx(0.4));
    CHECK_THROWS_AS(shrink_temperature(level, heat, std::vector<std::int32_t>{0, 0, 1}, 1), InputError);
    CHECK_THROWS_AS(shrink_temperature(level, heat, std::vector<std::int32_t>{0, 0}, 1), InputError);
}
