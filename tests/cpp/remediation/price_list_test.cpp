// Tests of the price list: a case by hand, sums order by order, the table against all partitions, and bad input.
#include "custfolio/remediation/price_list.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

/// Customers with orders of given amounts: half of the revenue is goods, one line an order.
Portfolio with_amounts(const std::vector<std::vector<double>>& amounts, const CostModel& costs) {
    PortfolioColumns columns;
    columns.period = {0, 364};
    Orders orders;
    orders.begin = {0};
    for (std::size_t i = 0; i < amounts.size(); ++i) {
        Volume volume;
        for (const double amount : amounts[i]) {
            orders.day.push_back(static_cast<DayNumber>(orders.day.size() % 365));
            orders.kind.push_back(1);
            orders.amount.push_back(amount);
            orders.lines.push_back(1);
            volume.revenue += amount;
            ++volume.deliveries;
            ++volume.lines;
        }
        orders.begin.push_back(orders.day.size());
        volume.goods = volume.revenue / 2;
        columns.id.push_back("c" + std::to_string(i));
        columns.revenue.push_back(volume.revenue);
        columns.goods.push_back(volume.goods);
        columns.deliveries.push_back(volume.deliveries);
        columns.lines.push_back(volume.lines);
        columns.cost_to_serve.push_back(costs.cost(volume));
        columns.contribution.push_back(volume.revenue - volume.goods - costs.cost(volume));
    }
    return Portfolio(std::move(columns)).with_orders(std::move(orders));
}

CostModel list_costs() {
    CostModel costs;
    costs.rate(Driver::deliveries, 30).rate(Driver::lines, 2).revenue_share(0.1);
    return costs;
}

}  // namespace

TEST_CASE("by hand: two zones, their break-even, the table, its effect and the orders that lost money") {
    const CostModel costs = list_costs();
    // Of 400 and 1,000 of revenue 40 % is left, less 2 a line: margins of 0.39 and 0.398.
    const Portfolio portfolio = with_amounts({{40, 60, 300}, {1'000}, {50}}, costs);
    const PriceList list = price_list(portfolio, costs, {.cell = {0, 1, 0}, .cells = 2, .step = 10, .fee_step = 1});
    REQUIRE(list.cells.size() == 2);
    CHECK(list.cells[0].customers == 2);
    CHECK(list.cells[0].orders == 4);
    CHECK(list.cells[0].margin == doctest::Approx((0.4 * 450 - 8) / 450));
    CHECK(list.cells[0].order_cost == doctest::Approx(30));
    CHECK(list.cells[0].break_even == doctest::Approx(30 / ((0.4 * 450 - 8) / 450)));
    CHECK(list.cells[0].below == 3);
    CHECK(list.cells[1].break_even == doctest::Approx(30 / 0.398));
    REQUIRE(list.rows.size() == 1);  // 78.5 and 75.4 are both 80
    CHECK(list.rows[0].minimum == 80);
    CHECK(list.rows[0].below == 3);
    // Orders of 40, 60 and 50 keep 14, 22 and 18: they fall 36 short, of which a fee keeps 90 %.
    CHECK(list.rows[0].fee == std::ceil(36 / 3.0 / 0.9));
    REQUIRE(list.losing.size() == 3);
    CHECK(list.losing[0].order == 0);
    CHECK(list.losing[0].contribution == doctest::Approx(-16));
    CHECK(list.losing[2].contribution == doctest::Approx(-8));
    CHECK(list.cells[0].loss == doctest::Approx(-36));
    REQUIRE(list.effects.size() == 3);
    CHECK(list.effects[0].below == 2);
    CHECK(list.effects[0].fees == 28);
    CHECK(list.effects[0].heat_if_pays == doctest::Approx(0.9 * 28));
    CHECK(list.effects[0].deliveries_if_waits == 2);  // 40 and 60 together
    CHECK(list.effects[0].heat_if_waits == doctest::Approx(30));
    CHECK(list.effects[1].fees == 0);
    CHECK(list.effects[2].deliveries_if_waits == 1);
}

TEST_CASE("the contributions of all orders are those of the statement, and the table adds the least to minima") {
    std::mt19937_64 random(31);
    std::uniform_real_distribution<double> uniform;
    const CostModel costs = list_costs();
    for (int k = 0; k < 60; ++k) {
        std::vector<std::vector<double>> amounts(12);
        PriceListOptions options{.cells = 6, .step = 5, .rows = 1 + static_cast<std::size_t>(k % 4)};
        for (std::size_t i = 0; i < amounts.size(); ++i) {
            const double scale = 20 + 400 * uniform(random);
            for (int n = 0; n < 5; ++n) amounts[i].push_back(std::round(scale * (0.5 + uniform(random))));
            options.cell.push_back(static_cast<std::int32_t>(i / 2));
        }
        const Portfolio portfolio = with_amounts(amounts, costs);
        const PriceList list = price_list(portfolio, costs, options);
        double kept = 0;
        for (const PriceCell& cell : list.cells) {
            kept += cell.margin * cell.revenue - cell.order_cost * static_cast<double>(cell.orders);
            if (std::isnan(cell.break_even)) continue;
            CHECK(list.rows[cell.row].minimum >= cell.break_even - 1e-9);
        }
        CHECK(kept == doctest::Approx(portfolio.bucket().heat));
        // All partitions of the minima in their order: a set bit ends a row.
        std::vector<double> minima;
        for (const PriceCell& cell : list.cells) minima.push_back(5 * std::ceil(cell.break_even / 5 - 1e-9));
        double added = 0;
        for (std::size_t c = 0; c < minima.size(); ++c)
            added += 10 * (list.rows[list.cells[c].row].minimum - minima[c]);
        std::sort(minima.begin(), minima.end());
        double least = 1e18;
        for (unsigned ends = 0; ends < 32; ++ends) {
            if (static_cast<std::size_t>(std::popcount(ends)) + 1 > options.rows) continue;
            double sum = 0;
            for (std::size_t c = 0; c < 6; ++c) {
                std::size_t last = c;
                while (last < 5 && ((ends >> last) & 1U) == 0) ++last;
                sum += 10 * (minima[last] - minima[c]);
            }
            least = std::min(least, sum);
        }
        CHECK(list.rows.size() <= options.rows);
        CHECK(added == doctest::Approx(least).scale(1));
    }
}

TEST_CASE("a margin that covers no order value, and what is refused") {
    const CostModel costs = list_costs();
    const Portfolio portfolio = with_amounts({{40, 60}}, costs);
    const PriceList never = price_list(portfolio, costs, {.target = 0.5});
    CHECK(std::isnan(never.cells[0].break_even));
    CHECK(never.cells[0].below == 2);
    CHECK(never.cells[0].row == 0);
    CHECK(never.rows.empty());
    CHECK(never.effects.empty());
    const auto refused = [&](const PriceListOptions& options, const char* text) {
        CHECK_THROWS_WITH_AS(static_cast<void>(price_list(portfolio, costs, options)), doctest::Contains(text),
                             InputError);
    };
    refused({.cell = {1}}, "customer c0 is in zone 1; there are 1");
    refused({.cell = {0, 0}}, "2 zones for 1 customers");
    refused({.target = 2}, "target temperature is 2");
    refused({.step = 0}, "step is 0");
    refused({.fee_step = -1}, "fee step is -1");
    refused({.rows = 0}, "one row or more");
    const Portfolio bare({.id = {"a"}, .revenue = {30}, .contribution = {3}});
    CHECK_THROWS_WITH_AS(static_cast<void>(price_list(bare, costs)),
                         "a price list needs orders, and the portfolio has none", InputError);
}
