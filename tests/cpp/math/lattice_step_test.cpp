// Tests of the choice of a step.
#include "custfolio/math/lattice_step.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;

TEST_CASE("choose_step: common divisor where it fits, else the finest multiple that fits") {
    const std::vector<double> amounts{1250.0, -500.0, 0.0, 3750.0};
    StepChoice choice = choose_step(amounts, 0.01, 5500.0, 1000);
    CHECK(choice.step == 250.0);
    CHECK(choice.exact);
    CHECK(choice.points == 23);
    choice = choose_step(amounts, 0.01, 5500.0, 23);
    CHECK(choice.exact);
    choice = choose_step(amounts, 0.01, 5500.0, 22);
    CHECK_FALSE(choice.exact);
    CHECK(choice.step == 500.0);
    CHECK(choice.points == 12);
    CHECK(choose_step(std::vector<double>{0.1, 0.25}, 0.01, 0.35, 100).step == 0.05);
    choice = choose_step(std::vector<double>{1.0 / 3.0}, 0.01, 1.0, 1000);
    CHECK_FALSE(choice.exact);
    CHECK(choice.step == 0.01);
    CHECK(choose_step(std::vector<double>{}, 0.01, 0.0, 2).points == 1);
    std::mt19937_64 random(7);
    for (int k = 0; k < 500; ++k) {
        std::vector<double> values(random() % 20 + 1);
        double range = 0.0;
        for (double& v : values) range += v = static_cast<double>(random() % 1000000) / 100.0;
        const std::size_t most = random() % 5000 + 2;
        const StepChoice any = choose_step(values, 0.01, range, most);
        CHECK(any.points <= most);
        CHECK(any.step * static_cast<double>(any.points - 1) >= range * (1.0 - 1e-9));
        if (any.exact) {
            for (const double v : values) CHECK(std::abs(v / any.step - std::round(v / any.step)) < 1e-6);
        }
    }
    CHECK_THROWS_WITH_AS(choose_step(std::vector<double>{1.0, std::nan("")}, 0.01, 1.0, 10),
                         doctest::Contains("index 1"), InputError);
    CHECK_THROWS_AS(choose_step(amounts, 0.0, 1.0, 10), InputError);
    CHECK_THROWS_AS(choose_step(amounts, 0.01, 1.0, 1), InputError);
}
