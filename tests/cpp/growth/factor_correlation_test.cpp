// Tests of estimates of the factors behind successes: moments by counting pairs, bad input.
#include "custfolio/growth/factor_correlation.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

TEST_CASE("factor correlation: moments from all pairs of one period and different labels") {
    const std::vector<double> successes{3, 1, 5, 2, 0, 4};
    const std::vector<double> trials{6, 4, 7, 5, 3, 6};
    const std::vector<std::int64_t> period{0, 0, 1, 1, 2, 2};
    const FactorCorrelation found = estimate_correlation({successes, trials, period}, true);
    double pairs = 0;
    double both = 0;
    for (std::size_t a = 0; a < 6; ++a) {
        for (std::size_t b = 0; b < 6; ++b) {
            if (a == b || period[a] != period[b]) continue;
            pairs += trials[a] * trials[b];
            both += successes[a] * successes[b];
        }
    }
    const double p = 15.0 / 31.0;
    CHECK(found.between_successes == doctest::Approx((both / pairs - p * p) / (p * (1 - p))));
    CHECK(found.fit.common.low <= found.fit.common.share);
    CHECK(found.fit.common.share <= found.fit.common.high);
    CHECK(found.probability == doctest::Approx(p).epsilon(0.2));
}

TEST_CASE("factor correlation: what cannot be estimated") {
    const auto refused = [](const std::vector<double>& k, const std::vector<double>& n,
                            const std::vector<std::int64_t>& period, bool grouped, const char* text) {
        CHECK_THROWS_WITH_AS(estimate_correlation({k, n, period}, grouped), doctest::Contains(text), InputError);
    };
    refused({2, 3}, {2, 3}, {0, 1}, false, "both successes and failures");
    refused({1, 0}, {1, 1}, {0, 1}, false, "no period has two trials");
    refused({1, 0}, {2, 2}, {0, 0}, false, "periods with trials is 1");
    refused({1, 0}, {2, 2}, {0, 1}, true, "two labels");
    refused({1, 0}, {2, 2}, {0}, false, "there must be as many");
}

TEST_CASE("factor cells: rows of the same period and label are one cell, by period") {
    const std::vector<double> successes{2, 3, 0, 5, 1, 6, 0};
    const std::vector<double> trials{4, 6, 0, 7, 3, 9, 2};
    const std::vector<std::int64_t> period{7, 4, 9, 7, 4, 7, 4};
    const std::vector<std::int64_t> label{0, 0, 1, 1, 1, 0, 0};
    const FactorCells found = factor_cells(successes, trials, period, label);
    CHECK(found.successes == std::vector<double>{8, 5, 3, 1});
    CHECK(found.trials == std::vector<double>{13, 7, 8, 3});
    CHECK(found.period == std::vector<std::int64_t>{0, 0, 1, 1});
    CHECK(found.row == std::vector<std::size_t>{0, 3, 1, 4});
    const std::vector<double> outcomes{1, 0, 1};
    const FactorCells periods = factor_cells(outcomes, {}, std::vector<std::int64_t>{3, 3, 5});
    CHECK(periods.trials == std::vector<double>{2, 1});
    CHECK_THROWS_WITH_AS(static_cast<void>(factor_cells(successes, {}, period)), doctest::Contains("outcome 1 is 2"),
                         InputError);
    CHECK_THROWS_WITH_AS(static_cast<void>(factor_cells(trials, successes, period)),
                         doctest::Contains("row 1: 4 successes of 2"), InputError);
    CHECK_THROWS_WITH_AS(static_cast<void>(factor_cells(successes, trials, std::vector<std::int64_t>{1})),
                         doctest::Contains("there must be as many"), InputError);
}
