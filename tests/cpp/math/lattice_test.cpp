// Tests of distributions on a lattice.
#include "custfolio/math/lattice.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "custfolio/math/bernoulli_sum.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;

TEST_CASE("atoms: split with their mean, a certain value stays one point, origins as told") {
    const LatticeDistribution split =
        LatticeDistribution::from_atoms(std::vector<double>{0.0, 2.25}, std::vector<double>{0.6, 0.4}, 1.0);
    CHECK(split.mass().size() == 4);
    CHECK(split.mass()[2] == doctest::Approx(0.3));
    CHECK(split.mass()[3] == doctest::Approx(0.1));
    CHECK(split.mean() == doctest::Approx(0.9).epsilon(1e-15));
    CHECK(split.errors().discretisation == doctest::Approx(std::sqrt(0.4 * 0.25 * 0.75)));
    const LatticeDistribution certain =
        LatticeDistribution::from_atoms(std::vector<double>{1000.37}, std::vector<double>{1.0}, 5.0);
    CHECK(certain.size() == 1);
    CHECK(certain.mean() == 1000.37);
    CHECK(certain.errors().discretisation == 0.0);
    const LatticeDistribution anchored =
        LatticeDistribution::from_atoms(std::vector<double>{-3.0, 7.0}, std::vector<double>{0.5, 0.5}, 5.0, 0.0);
    CHECK(anchored.origin() == -5.0);
    CHECK(anchored.size() == 4);
    CHECK(anchored.mean() == doctest::Approx(2.0).epsilon(1e-15));
    // Cents of large amounts are on the lattice although 0.01 is not a double.
    CHECK(
        LatticeDistribution::from_atoms(std::vector<double>{1234500.0, 1234567.89}, std::vector<double>{0.5, 0.5}, 0.01)
            .errors()
            .discretisation == 0.0);
}

TEST_CASE("cdf, chance to reach and quantile agree with each other") {
    const LatticeDistribution dice =
        LatticeDistribution::from_atoms(std::vector<double>{1, 2, 3, 4, 5, 6}, std::vector<double>(6, 1.0 / 6.0), 1.0);
    CHECK(dice.cdf(0.999) == 0.0);
    CHECK(dice.cdf(3.0) == doctest::Approx(0.5).epsilon(1e-15));
    CHECK(dice.cdf(3.7) == dice.cdf(3.0));
    CHECK(dice.cdf(6.0) == 1.0);
    CHECK(dice.probability_at_least(6.0) == doctest::Approx(1.0 / 6.0).epsilon(1e-15));
    CHECK(dice.probability_at_least(6.1) == 0.0);
    CHECK(dice.probability_at_least(-5.0) == 1.0);
    CHECK(dice.cdf(std::numeric_limits<double>::infinity()) == 1.0);
    CHECK(dice.probability_at_least(std::numeric_limits<double>::infinity()) == 0.0);
    CHECK(dice.quantile(0.0) == 1.0);
    CHECK(dice.quantile(0.5) == 3.0);
    CHECK(dice.quantile(0.5000001) == 4.0);
    CHECK(dice.quantile(1.0) == 6.0);
    CHECK(LatticeDistribution(0.0, 1.0, {0.0, 0.5, 0.5, 0.0}).quantile(0.0) == 1.0);
    CHECK(LatticeDistribution(0.0, 1.0, {0.0, 0.5, 0.5, 0.0}).quantile(1.0) == 2.0);
    // 3 * 0.05 is not the double 0.15: points count as reached all the same.
    const LatticeDistribution nickels = sum_bernoulli(std::vector<double>(3, 0.5), std::vector<double>(3, 0.05), 0.05);
    CHECK(nickels.cdf(0.15) == 1.0);
    CHECK(nickels.probability_at_least(0.15) == doctest::Approx(0.125));
    for (double q = 0.0; q <= 1.0; q += 0.01) CHECK(nickels.cdf(nickels.quantile(q)) >= q - 1e-15);
    CHECK_THROWS_AS(dice.quantile(1.5), InputError);
    CHECK_THROWS_AS(dice.cdf(std::nan("")), InputError);
}

TEST_CASE("cdf never falls and the chance to reach never rises, also where masses vanish beside what is added up") {
    std::mt19937_64 random(8);
    for (int k = 0; k < 200; ++k) {
        std::vector<double> mass(200);
        for (double& m : mass) m = std::exp(-static_cast<double>(random() % 90));
        const double total = std::accumulate(mass.begin(), mass.end(), 0.0);
        for (double& m : mass) m /= total;
        const LatticeDistribution x(0.0, 1.0, mass);
        for (std::size_t i = 1; i < mass.size(); ++i) {
            const auto v = static_cast<double>(i);
            CHECK(x.cdf(v) >= x.cdf(v - 1.0));
            CHECK(x.probability_at_least(v) <= x.probability_at_least(v - 1.0));
        }
    }
}

TEST_CASE("bad input is refused with its place") {
    CHECK_THROWS_WITH_AS(LatticeDistribution(0.0, 1.0, {0.5, -0.5, 1.0}), doctest::Contains("mass at index 1 is -0.5"),
                         InputError);
    CHECK_THROWS_WITH_AS(LatticeDistribution(0.0, 1.0, {0.5, 0.4}), doctest::Contains("must sum to 1"), InputError);
    CHECK_THROWS_AS(LatticeDistribution(0.0, 1.0, {}), InputError);
    CHECK_THROWS_AS(LatticeDistribution(0.0, 0.0, {1.0}), InputError);
    CHECK_THROWS_WITH_AS(
        LatticeDistribution::from_atoms(std::vector<double>{1.0, 2.0}, std::vector<double>{0.5, 0.4}, 1.0),
        doctest::Contains("sum to 0.9"), InputError);
    CHECK_THROWS_WITH_AS(
        LatticeDistribution::from_atoms(std::vector<double>{0.0, 1e12}, std::vector<double>{0.5, 0.5}, 0.01),
        doctest::Contains("choose a greater step"), InputError);
}
