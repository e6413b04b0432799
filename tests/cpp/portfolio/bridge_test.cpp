// The temperature bridge: exact sums, each cause alone, customers without revenue.
#include "custfolio/portfolio/bridge.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"

namespace {

struct Line {
    std::string id;
    double revenue;
    double contribution;
};

custfolio::Portfolio portfolio_of(const std::vector<Line>& lines) {
    custfolio::PortfolioColumns columns;
    const std::size_t n = lines.size();
    columns.revenue.resize(n);
    columns.contribution.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        const Line& line = lines[i];
        columns.id.push_back(line.id);
        columns.revenue[i] = line.revenue;
        columns.contribution[i] = line.contribution;
    }
    return custfolio::Portfolio{std::move(columns)};
}

}  // namespace

TEST_CASE("each cause alone moves only its own term") {
    const auto before = portfolio_of({{"a", 100, 10}, {"b", 100, -10}});
    SUBCASE("a customer poured in") {
        const auto bridge = custfolio::bridge(before, portfolio_of({{"a", 100, 10}, {"b", 100, -10}, {"c", 200, 40}}));
        CHECK(bridge.poured_in == doctest::Approx(0.1));
        CHECK(bridge.mix == doctest::Approx(0.0));
        CHECK(bridge.warming == doctest::Approx(0.0));
        CHECK(bridge.gone == 0.0);
    }
    SUBCASE("a customer gone") {
        const auto bridge = custfolio::bridge(before, portfolio_of({{"a", 100, 10}}));
        CHECK(bridge.gone == doctest::Approx(0.05));
        CHECK(bridge.mix == doctest::Approx(0.05));
        CHECK(bridge.rows.back().id == "b");
        CHECK(bridge.rows.back().gone == doctest::Approx(0.05));
    }
    SUBCASE("weights change at the old temperatures") {
        const auto bridge = custfolio::bridge(before, portfolio_of({{"a", 300, 30}, {"b", 100, -10}}));
        CHECK(bridge.mix == doctest::Approx(0.05));
        CHECK(bridge.warming == doctest::Approx(0.0));
    }
    SUBCASE("net returns become net sales: all of it is warming") {
        const auto returned = portfolio_of({{"a", 300, 30}, {"b", -100, -30}});
        const auto bridge = custfolio::bridge(returned, portfolio_of({{"a", 150, 15}, {"b", 50, 5}}));
        CHECK(bridge.before == 0.0);
        CHECK(bridge.rows[1].mix == 0.0);
        CHECK(bridge.rows[1].warming == doctest::Approx(0.025 + 0.15));
        CHECK(bridge.mix + bridge.warming == doctest::Approx(0.1));
    }
    SUBCASE("a customer warms") {
        const auto bridge = custfolio::bridge(before, portfolio_of({{"a", 100, 10}, {"b", 100, 10}}));
        CHECK(bridge.warming == doctest::Approx(0.1));
        CHECK(bridge.mix == doctest::Approx(0.0));
    }
}

TEST_CASE("the four causes sum to the change, in total and per customer") {
    std::mt19937_64 random{20};
    std::normal_distribution<double> normal;
    for (int round = 0; round < 200; ++round) {
        std::vector<Line> then;
        std::vector<Line> now;
        for (int i = 0; i < 40; ++i) {
            const auto line = [&] {
                const double revenue = random() % 7 == 0 ? 0.0 : std::exp(5 + normal(random));
                return Line{"c" + std::to_string(i), revenue, 0.1 * revenue * normal(random) - (revenue == 0.0)};
            };
            if (random() % 4 != 0) then.push_back(line());
            if (random() % 4 != 0) now.push_back(line());
        }
        const auto bridge = custfolio::bridge(portfolio_of(then), portfolio_of(now));
        const double sum = bridge.poured_in + bridge.gone + bridge.mix + bridge.warming;
        CHECK(std::abs(sum - (bridge.after - bridge.before)) < 1e-12);
        double rows = 0;
        for (const auto& row : bridge.rows) rows += row.total();
        CHECK(std::abs(rows - sum) < 1e-12);
    }
}

TEST_CASE("periods that share days cannot be bridged, and the same period can") {
    const auto of = [](custfolio::Period period) {
        custfolio::PortfolioColumns columns;
        columns.id = {"a"};
        columns.revenue = {10};
        columns.contribution = {1};
        columns.period = period;
        return custfolio::Portfolio(std::move(columns));
    };
    const custfolio::Portfolio first = of({18628, 18808});   // 2021-01-01 to 2021-06-30
    const custfolio::Portfolio year = of({18628, 18992});    // 2021-01-01 to 2021-12-31
    const custfolio::Portfolio second = of({18809, 18992});  // 2021-07-01 to 2021-12-31
    CHECK_THROWS_WITH_AS((void)custfolio::bridge(first, year),
                         doctest::Contains("2021-01-01 to 2021-06-30 and 2021-01-01 to 2021-12-31 share days"),
                         custfolio::InputError);
    CHECK_THROWS_AS((void)custfolio::bridge(year, second), custfolio::InputError);
    CHECK(custfolio::bridge(first, second).warming == 0);
    CHECK(custfolio::bridge(year, year).warming == 0);
}

TEST_CASE("without a level there is nothing to bridge") {
    CHECK_THROWS_WITH_AS((void)custfolio::bridge(portfolio_of({}), portfolio_of({{"a", 1, 1}})),
                         "a bridge needs a positive level in both periods; found 0 before and 1 after",
                         custfolio::InputError);
}
