// Tests of normal amounts on a lattice: against the normal law, also where they are narrow beside the step.
#include "custfolio/distribution/normal_amount.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"

using namespace custfolio;

TEST_CASE("normal amount: chances, quantiles and moments are those of the normal law") {
    for (const double mean : {0.0, -1234.5, 1e6}) {
        for (const double deviation : {1e-3, 1.0, 977.0}) {
            const Distribution found = normal_distribution(mean, deviation);
            CHECK(found.mean() == mean);
            CHECK(found.standard_deviation() == doctest::Approx(deviation));
            for (const double q : {0.001, 0.1, 0.5, 0.9, 0.999}) {
                const double exact = mean + deviation * math::normal_quantile(q);
                CHECK(std::abs(found.quantile(q) - exact) <= 0.5001 * found.step() + 1e-9 * std::abs(mean));
            }
            const double spread = found.lattice().variance() - deviation * deviation;
            CHECK(spread <= found.errors().discretisation * found.errors().discretisation);
        }
    }
    const Distribution certain = normal_distribution(5, 0);
    CHECK(certain.quantile(0.01) == 5);
    CHECK(certain.quantile(1) == 5);
    CHECK_THROWS_AS(static_cast<void>(normal_distribution(0, -1)), InputError);
    CHECK_THROWS_AS(static_cast<void>(normal_distribution(NAN, 1)), InputError);
}

TEST_CASE("normal amount: a lattice keeps the mean, however coarse it is") {
    for (const double mean : {-3.3, 0.0, 17.71}) {
        for (const double deviation : {0.0, 1e-6, 0.01, 0.3, 5.0}) {
            for (const double step : {0.1, 1.0, 25.0}) {
                const math::LatticeDistribution found = detail::normal_lattice(mean, deviation, step);
                CHECK(found.mean() == doctest::Approx(mean).epsilon(1e-9));
                CHECK(std::abs(std::remainder(found.origin(), step)) < 1e-9);
                CHECK(std::accumulate(found.mass().begin(), found.mass().end(), 0.0) == doctest::Approx(1));
                CHECK(found.variance() >= deviation * deviation * (1 - 1e-9));
                CHECK(found.variance() <= deviation * deviation + step * step / 4 + 1e-9);
            }
        }
    }
}

TEST_CASE("normal amount: round steps") {
    CHECK(detail::round_step(1) == 1);
    CHECK(detail::round_step(0.0999) == doctest::Approx(0.08));
    CHECK(detail::round_step(4.99) == 4);
    CHECK(detail::round_step(7.2e9) == 5e9);
}
