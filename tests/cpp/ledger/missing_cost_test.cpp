// Tests of the cost of rows without one: by hand, and against a slow computation beside the fast one.
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "custfolio/ledger.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

TEST_CASE("missing cost: a ratio, and the means of company and group, by hand") {
    const std::vector<double> revenue{100, 50, 200, 80};
    const std::vector<double> cost{60, 0, 100, 0};
    const std::vector<double> uncosted{0, 50, 0, 80};
    CHECK(fill_costs(cost, uncosted, 0.5) == std::vector<double>{60, 25, 100, 40});
    const double company = 160.0 / 300.0;
    CHECK(fill_costs(revenue, cost, uncosted, {}, 0) == std::vector<double>{60, company * 50, 100, company * 80});
    // The second group has no cost at all: the ratio of the company stands for its own.
    const std::vector<std::int32_t> group{0, 0, 0, 1};
    CHECK(fill_costs(revenue, cost, uncosted, group, 2) ==
          std::vector<double>{60, 160.0 / 300.0 * 50, 100, company * 80});
    const std::vector<std::int32_t> each{0, 0, 1, 1};
    CHECK(fill_costs(revenue, cost, uncosted, each, 2) == std::vector<double>{60, 0.6 * 50, 100, 0.5 * 80});
}

TEST_CASE("missing cost: rows summed by day and customer get the cost of their parts") {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> amount(1.0, 100.0);
    std::vector<double> revenue, cost, uncosted, day_revenue(5, 0.0), day_cost(5, 0.0), day_uncosted(5, 0.0);
    for (int row = 0; row < 200; ++row) {
        const bool known = random() % 4 != 0;
        revenue.push_back(amount(random));
        cost.push_back(known ? 0.6 * amount(random) : 0.0);
        uncosted.push_back(known ? 0.0 : revenue.back());
        const auto day = static_cast<std::size_t>(row % 5);
        day_revenue[day] += revenue.back();
        day_cost[day] += cost.back();
        day_uncosted[day] += uncosted.back();
    }
    const std::vector<double> rows = fill_costs(revenue, cost, uncosted, {}, 0);
    const std::vector<double> days = fill_costs(day_revenue, day_cost, day_uncosted, {}, 0);
    for (std::size_t day = 0; day < 5; ++day) {
        double sum = 0;
        for (std::size_t row = day; row < 200; row += 5) sum += rows[row];
        CHECK(days[day] == doctest::Approx(sum).epsilon(1e-12));
    }
}

TEST_CASE("missing cost: bad input is named") {
    const std::vector<double> one{1};
    const std::vector<double> two{1, 2};
    const std::vector<double> zero{0};
    const std::vector<std::int32_t> out{3};
    CHECK_THROWS_WITH_AS(fill_costs(one, two, 0.5), "fill_costs: uncosted has 2 entries, cost has 1", InputError);
    CHECK_THROWS_AS(fill_costs(one, one, std::numeric_limits<double>::quiet_NaN()), InputError);
    CHECK_THROWS_WITH_AS(fill_costs(one, zero, one, {}, 0), doctest::Contains("revenue of rows with a cost is 0"),
                         InputError);
    CHECK_THROWS_WITH_AS(fill_costs(one, zero, zero, out, 2), doctest::Contains("group 3 is not in 0 .. 2 - 1"),
                         InputError);
}
