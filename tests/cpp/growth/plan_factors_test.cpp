// Tests of factors that plans share: which act on which, their draws, and the average over groups.
#include "custfolio/growth/plan_factors.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "custfolio/distribution/common_factor.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

std::vector<ActionPlan> labelled() {
    const auto plan = [](const char* customer, const char* manager, const char* product) {
        return ActionPlan{
            customer, "p", {{.name = "s"}}, {{"manager", manager}, {"product", product}, {"firm", "one"}}};
    };
    return {plan("a", "Anna", "x"), plan("b", "Bob", "x"), plan("c", "Anna", "y"), plan("d", "Anna", "x")};
}

}  // namespace

TEST_CASE("plans are correlated by the labels that they share") {
    const std::vector<GroupFactor> groups{{"manager", 0.2}, {"product", 0.1}, {"firm", 0.05}};
    const PlanFactors factors(labelled(), 0.15, groups);
    CHECK(factors.total() == doctest::Approx(0.5));
    CHECK(factors.common() == doctest::Approx(0.2));
    CHECK(factors.groups().size() == 2);
    CHECK(factors.alike(0, 3));
    CHECK_FALSE(factors.alike(0, 1));
    CHECK(factors.correlation(0, 3) == 1);
    CHECK(factors.correlation(0, 1) == doctest::Approx(0.3 / 0.5));
    CHECK(factors.correlation(1, 2) == doctest::Approx(0.2 / 0.5));
    constexpr std::size_t draws = 20000;
    std::array<double, 4> square{};
    double product = 0;
    for (std::size_t path = 0; path < draws; ++path) {
        const std::vector<double> x = factors.draw(5, path, 3);
        CHECK(x[0] == x[3]);
        for (std::size_t p = 0; p < 4; ++p) square[p] += x[p] * x[p] / draws;
        product += x[1] * x[2] / draws;
    }
    for (const double s : square) CHECK(s == doctest::Approx(1).epsilon(0.05));
    CHECK(product == doctest::Approx(0.4).epsilon(0.1));
}

TEST_CASE("a plan without a label, shares that sum to one and factors without names are refused") {
    std::vector<ActionPlan> plans = labelled();
    CHECK_THROWS_WITH_AS(PlanFactors(plans, 0, std::vector<GroupFactor>{{"region", 0.1}}),
                         doctest::Contains("has no label of factor 'region'"), InputError);
    CHECK_THROWS_WITH_AS(PlanFactors(plans, 0.5, std::vector<GroupFactor>{{"manager", 0.5}}),
                         doctest::Contains("sum to 1"), InputError);
    CHECK_THROWS_AS(PlanFactors(plans, 0, std::vector<GroupFactor>{{"", 0.5}}), InputError);
    CHECK_THROWS_AS(PlanFactors(plans, 0, std::vector<GroupFactor>{{"manager", 0.1}, {"manager", 0.1}}), InputError);
    CHECK_THROWS_AS(PlanFactors(plans, -0.1, std::vector<GroupFactor>{}), InputError);
}

TEST_CASE("groups with one factor in common alone are one group") {
    const std::array<double, 2> chance{0.3, 0.6};
    const std::array<double, 2> amount{1, 2};
    const std::array<double, 1> correlation{0.4};
    const auto given = [&](std::size_t group, double x) {
        const double p = chance_given_factor(chance[group], 0.4, x);
        const Distribution one = sum_distribution(std::array{p}, std::array{amount[group]}, {.step = 1, .threads = 1});
        return GivenFactor{one.lattice(), one.mean(), one.variance()};
    };
    const Distribution all = sum_distribution(chance, amount, correlation);
    // Nearly all in common: each group takes its own values given the common factor.
    const Distribution nearly = average_over_groups(2, given, 1 - 1e-12);
    const Distribution apart = average_over_groups(2, given, 0);
    const Distribution independent = sum_distribution(chance, amount);
    for (const double v : {0.0, 1.0, 2.0, 3.0}) {
        CHECK(nearly.cdf(v) == doctest::Approx(all.cdf(v)).epsilon(1e-9));
        CHECK(apart.cdf(v) == doctest::Approx(independent.cdf(v)).epsilon(1e-11));
    }
    CHECK_THROWS_AS((void)average_over_groups(0, given, 0.5), InputError);
    CHECK_THROWS_AS((void)average_over_groups(2, given, 1), InputError);
}
