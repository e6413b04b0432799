// Tests of the acceptance prior: its base, monotonicity, limits, and values out of range.
#include "custfolio/remediation/acceptance.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

TEST_CASE("logistic in the burden: the base at no burden, log-odds fall by the sensitivity") {
    const Acceptance prior{0.7, 10};
    CHECK(prior.probability(0) == 0.7);
    const auto logit = [](double p) { return std::log(p / (1 - p)); };
    for (const double burden : {-0.2, 0.01, 0.05, 0.3, 1.0}) {
        CHECK(logit(prior.probability(burden)) == doctest::Approx(logit(0.7) - 10 * burden).epsilon(1e-10));
    }
    double last = 1;
    for (double burden = -1; burden < 2; burden += 0.01) {
        const double p = prior.probability(burden);
        CHECK(p < last);
        CHECK(p > 0);
        last = p;
    }
}

TEST_CASE("limits stay probabilities") {
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(Acceptance{}.probability(infinity) == 0);
    CHECK(Acceptance{}.probability(-infinity) == 1);
    CHECK(Acceptance{1, 10}.probability(infinity) == 1);
    CHECK(Acceptance{0, 10}.probability(-infinity) == 0);
    CHECK(Acceptance{0.3, 0}.probability(infinity) == 0.3);
    CHECK(Acceptance{0.7, 1e6}.probability(1e6) == 0);
}

TEST_CASE("values out of range are refused") {
    CHECK_THROWS_WITH_AS(static_cast<void>(Acceptance{70, 10}.probability(0)),
                         "acceptance: base is 70; a probability lies in [0, 1] (70 % is 0.7)", InputError);
    CHECK_THROWS_WITH_AS(static_cast<void>(Acceptance{1.1, 10}.probability(0)),
                         "acceptance: base is 1.1; a probability lies in [0, 1] (1.1 % is 0.011)", InputError);
    CHECK_THROWS_AS(static_cast<void>(Acceptance{0.7, -1}.probability(0)), InputError);
    CHECK_THROWS_AS(static_cast<void>(Acceptance{}.probability(std::nan(""))), InputError);
}
