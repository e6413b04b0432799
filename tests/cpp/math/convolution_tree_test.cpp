// Tests of the tree of convolutions against direct sums, and of Bernstein's distance.
#include "custfolio/math/convolution_tree.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <vector>

#include "custfolio/math/bernoulli_sum.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio::math;
using custfolio::InputError;

TEST_CASE("a sum of any distributions: origins beside the lattice, negative values, associativity") {
    std::mt19937_64 random(6);
    std::vector<LatticeDistribution> parts;
    double mean = 0.0;
    double variance = 0.0;
    std::map<double, double> direct{{0.0, 1.0}};
    for (int k = 0; k < 7; ++k) {
        std::vector<double> values;
        std::vector<double> probabilities;
        for (int a = 0; a < 3; ++a) {
            values.push_back(1.25 * k + 0.5 * static_cast<double>(random() % 20));
            probabilities.push_back(a == 2 ? 1.0 - probabilities[0] - probabilities[1]
                                           : 0.1 * static_cast<double>(random() % 5));
        }
        parts.push_back(LatticeDistribution::from_atoms(values, probabilities, 0.5));
        CHECK(parts.back().errors().discretisation == 0.0);
        mean += parts.back().mean();
        variance += parts.back().variance();
        std::map<double, double> next;
        for (const auto& [v, p] : direct)
            for (std::size_t a = 0; a < 3; ++a) next[v + values[a]] += p * probabilities[a];
        direct = next;
    }
    const LatticeDistribution sum = sum_independent(parts);
    CHECK(sum.mean() == doctest::Approx(mean).epsilon(1e-13));
    CHECK(sum.variance() == doctest::Approx(variance).epsilon(1e-12));
    for (const auto& [v, p] : direct)
        CHECK(sum.cdf(v) - sum.cdf(v - 0.25) == doctest::Approx(p).epsilon(1e-9).scale(1e-3));
    CHECK(sum_independent(std::vector<LatticeDistribution>{}).mean() == 0.0);
    CHECK(sum_independent(std::vector<LatticeDistribution>{parts[3]}).mean() == doctest::Approx(parts[3].mean()));
    CHECK_THROWS_WITH_AS(sum_independent(std::vector<LatticeDistribution>{parts[0], LatticeDistribution(0, 1, {1.0})}),
                         doctest::Contains("1.000000 at index 1"), InputError);
}

TEST_CASE("Bernstein's distance holds for binomial tails") {
    for (const std::size_t n : {10U, 100U, 1000U}) {
        for (const double p : {0.01, 0.3, 0.5}) {
            const double count = static_cast<double>(n);
            const LatticeDistribution sum(0.0, 1.0, binomial_mass(n, p));
            for (const double chance : {0.1, 1e-3, 1e-9}) {
                const double width = bernstein_half_width(count * p * (1.0 - p), 1.0 - p, chance);
                CHECK(sum.probability_at_least(count * p + width) <= chance);
                CHECK(sum.cdf(count * p - width) <= chance);
            }
        }
    }
    CHECK_THROWS_AS(bernstein_half_width(-1.0, 1.0, 0.1), InputError);
}
