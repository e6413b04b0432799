// Tests of statements side by side: a published case, and bad input.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "custfolio/ledger.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection.hpp"

using namespace custfolio;

namespace {

/// Two customers of equal revenue and margin: one orders ten times as often.
struct Sales {
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> day;
    std::vector<double> revenue, cost;
    std::vector<std::string> id{"often", "seldom"};

    Sales() {
        for (int k = 0; k < 11; ++k) {
            const bool seldom = k == 10;
            customer.push_back(seldom ? 1 : 0);
            day.push_back(18628 + k);
            revenue.push_back(seldom ? 1000 : 100);
            cost.push_back(seldom ? 800 : 80);
        }
    }
    [[nodiscard]] LedgerView view() const {
        LedgerView ledger{customer, day, revenue, cost};
        ledger.id = id;
        return ledger;
    }
};

}  // namespace

TEST_CASE("comparison: a share of revenue hides who orders often, rates show it") {
    const Sales sales;
    // The same 330 of cost by revenue, or by the 11 orders that cause it.
    const Statement share = statement(sales.view(), CostModel{}.revenue_share(0.165));
    const Statement rates = statement(sales.view(), CostModel{}.rate(Driver::deliveries, 30));
    const CostingComparison found = compare_costing({share, rates});
    CHECK(share.bucket().heat == doctest::Approx(rates.bucket().heat).epsilon(1e-12));
    CHECK(found.contribution(0, 0) == doctest::Approx(35).epsilon(1e-12));
    CHECK(found.contribution(0, 1) == doctest::Approx(-100).epsilon(1e-12));
    CHECK(found.contribution(1, 1) == doctest::Approx(170).epsilon(1e-12));
    CHECK(found.spread[0] == doctest::Approx(135).epsilon(1e-12));
    CHECK(found.changes_sides == std::vector<bool>{true, false});
    CHECK(found.changing() == 1);
    CHECK(found.loss_makers == std::vector<std::size_t>{0, 1});
}

TEST_CASE("comparison: needs two statements of the same sales, with costs of goods") {
    const Sales sales;
    const Statement whole = statement(sales.view());
    CHECK_THROWS_WITH_AS(compare_costing({whole}), doctest::Contains("1 statement; at least two"), InputError);
    const Statement part = statement(sales.view(), {}, {18628, 18630});
    CHECK_THROWS_WITH_AS(compare_costing({whole, part}),
                         "comparison of costing: statement 2 has 1 customers, the first one 2; all must be of the same "
                         "sales",
                         InputError);
    Sales dearer;
    dearer.revenue[0] = 101;
    const Statement changed = statement(dearer.view());
    CHECK_THROWS_WITH_AS(compare_costing({whole, changed}), doctest::Contains("customer often with a revenue of 1001"),
                         InputError);
    Sales costless;
    costless.cost.clear();
    const Statement level = statement(costless.view());
    CHECK_THROWS_WITH_AS(compare_costing({level, level}), doctest::Contains("costs of goods are not known"),
                         InputError);
}

TEST_CASE("statement: a ledger without costs of goods has levels, but neither heat nor temperature") {
    Sales sales;
    sales.cost.clear();
    const Statement result = statement(sales.view(), CostModel{}.rate(Driver::deliveries, 30));
    CHECK_FALSE(result.portfolio().has_heat());
    CHECK(result.bucket().level == 2000);
    CHECK(std::isnan(result.bucket().heat));
    CHECK(std::isnan(result.bucket().temperature()));
    CHECK(std::isnan(result.portfolio()["often"].heat()));
    CHECK(result.portfolio()["often"].level() == 1000);
    CHECK(result.portfolio().columns().goods.empty());
    CHECK(result.portfolio().columns().cost_to_serve == std::vector<double>{300, 30});
    CHECK(result.whale().order.empty());
    CHECK(std::isnan(result.whale().gini));
    CHECK(result.reconciliation().exact());
    CHECK_THROWS_WITH_AS(select(result.portfolio()), doctest::Contains("missing_cost="), InputError);
    // A table of drivers without goods is the same; no cost of goods at all is a column of zeros.
    DriverTable table = aggregate(sales.view());
    CHECK(statement(table, sales.id, {}).portfolio().has_heat());
    table.goods.clear();
    CHECK_FALSE(statement(table, sales.id, {}).portfolio().has_heat());
}

TEST_CASE("statement: without a cost model it is one of gross margins") {
    const Sales sales;
    const Statement result = statement(sales.view());
    CHECK(result.bucket().heat == 400);
    CHECK(result.reconciliation().cost_in == 0);
}

TEST_CASE("statement: the cost of credit lowers the contribution, and reconciles") {
    const Sales sales;
    const std::vector<std::int32_t> who{0, 0, 1, -1};
    const std::vector<DayNumber> invoiced{18628, 18629, 18638, 18630};
    const std::vector<DayNumber> paid{18628 + 73, no_day, 18638 + 365, 18630 + 73};
    const std::vector<double> amount{500, 500, 1000, 100};
    StatementOptions options;
    options.receivables = {who, invoiced, {}, paid, amount};
    CostModel costs;
    costs.credit_rate(0.1);
    const Statement result = statement(sales.view(), costs, {18628, 18638}, 1, options);
    const PortfolioColumns& columns = result.portfolio().columns();
    // 500 for a fifth of a year, 500 for the 9 days to the end of the period; 1,000 for a year.
    CHECK(columns.credit_cost[0] == doctest::Approx(10 + 500 * 0.1 * 9 / 365).epsilon(1e-12));
    CHECK(columns.credit_cost[1] == doctest::Approx(100).epsilon(1e-12));
    CHECK(columns.dso == std::vector<double>{(500 * 73.0 + 500 * 9.0) / 1000, 365});
    CHECK(std::isnan(columns.days_late[0]));
    CHECK(columns.contribution[1] == doctest::Approx(200 - 100).epsilon(1e-12));
    CHECK(result.reconciliation().credit_not_attributed == doctest::Approx(2).epsilon(1e-12));
    CHECK(result.reconciliation().credit_in ==
          doctest::Approx(result.reconciliation().credit_charged + 2).epsilon(1e-12));
    CHECK(result.reconciliation().exact());
    // Days sales outstanding in place of invoices.
    const std::vector<double> dso{45, 0};
    const std::vector<double> terms{30, 30};
    const Statement by_days = statement(sales.view(), costs, {}, 1, {.dso = dso, .terms = terms});
    CHECK(by_days.portfolio().columns().credit_cost[0] == doctest::Approx(0.1 * 1000 * 45 / 365).epsilon(1e-12));
    CHECK(by_days.portfolio().columns().days_late == std::vector<double>{15, 0});
    CHECK_THROWS_WITH_AS(statement(sales.view(), costs), doctest::Contains("credit rate of 0.1"), NotFoundError);
    options.dso = dso;
    CHECK_THROWS_AS(statement(sales.view(), costs, {}, 1, options), InputError);
}
