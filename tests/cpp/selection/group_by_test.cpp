// Tests of the statement by groups: shares of deliveries, months, split cells, and bad input.
#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include "custfolio/ledger.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection.hpp"

using namespace custfolio;

namespace {

/// A delivery of two rows of two families, and a delivery of one row a month later.
struct GroupedSales {
    std::vector<std::int32_t> customer{0, 0, 1};
    std::vector<DayNumber> day{18631, 18631, 18659};  // 4 January and 1 February 2021
    std::vector<double> revenue{60, 40, 90}, cost{30, 30, 70};
    std::vector<std::int32_t> family{1, 0, 0};

    [[nodiscard]] LedgerView view() const { return {customer, day, revenue, cost}; }
};

}  // namespace

TEST_CASE("by: a delivery's cost is shared over its rows") {
    const GroupedSales sales;
    const CostModel costs = CostModel{}.rate(Driver::deliveries, 10);
    const Statement whole = statement(sales.view(), costs);
    const std::vector<GroupDimension> dimensions{{.name = "family", .of_row = sales.family}};
    const GroupedStatement found = group_by(whole, sales.view(), costs, dimensions);
    REQUIRE(found.value == std::vector<std::vector<std::int32_t>>{{0, 1}});
    CHECK(found.deliveries == Column{1.5, 0.5});
    CHECK(found.contribution == Column{15, 25});
    CHECK(found.customers == Column{2, 1});
    const std::vector<double> key{9, 1, 5};
    CHECK(group_by(whole, sales.view(), costs, dimensions, {}, key).deliveries == Column{1.1, 0.9});
}

TEST_CASE("by: a customer without rows in the period has the cell of its latest rows") {
    const std::vector<std::int32_t> customer{0, 0, 1, 1, 1, 2};
    const std::vector<DayNumber> day{18631, 18700, 18640, 18640, 18650, 18640};
    const std::vector<double> revenue{60, 90, 10, 10, 10, 5};
    const std::vector<std::int32_t> manager{2, 0, 1, 0, -1, -1};
    const LedgerView sales{customer, day, revenue};
    const std::vector<std::int32_t> latest = latest_cells(sales, manager);
    CHECK(latest == std::vector<std::int32_t>{0, 0, -1});
    StatementOptions options;
    const Period period{18700, 18710};
    const std::vector<double> visits{0, 3, 2};
    options.drivers = {{"visits", visits}};
    const CostModel costs = CostModel{}.rate("visits", 10);
    const Statement part = statement(sales, costs, period, 0, options);
    const std::vector<GroupDimension> dimensions{{.name = "manager", .of_row = manager, .of_customer = latest}};
    const GroupedStatement found = group_by(part, sales, costs, dimensions, options);
    CHECK(found.value == std::vector<std::vector<std::int32_t>>{{0, -1}});
    CHECK(found.cost_to_serve == Column{30, 20});
    const std::vector<std::int32_t> wrong{0};
    CHECK_THROWS_WITH_AS(latest_cells(sales, wrong), doctest::Contains("1 cells and 6 days for 6 rows"), InputError);
}

TEST_CASE("by: months, cells with shares, and no dimension") {
    const GroupedSales sales;
    const CostModel costs = CostModel{}.rate(Driver::deliveries, 10);
    const Statement whole = statement(sales.view(), costs);
    const std::vector<std::int32_t> months = months_of(whole.portfolio().period());
    CHECK(months.size() == 29);
    CHECK(months.front() == 0);
    CHECK(months[27] == 0);
    CHECK(months[28] == 1);
    const std::vector<std::int32_t> manager{0, 1};  // the second customer is shared by two managers
    std::vector<GroupDimension> dimensions{{.name = "month", .of_day = months},
                                           {.name = "manager", .of_customer = manager}};
    dimensions[1].begin = {0, 1, 3};
    dimensions[1].value = {0, 0, 1};
    dimensions[1].share = {1, 0.25, 0.75};
    const GroupedStatement found = group_by(whole, sales.view(), costs, dimensions);
    CHECK(found.value[0] == std::vector<std::int32_t>{0, 1, 1});
    CHECK(found.value[1] == std::vector<std::int32_t>{0, 0, 1});
    CHECK(found.revenue == Column{100, 22.5, 67.5});
    CHECK(std::accumulate(found.contribution.begin(), found.contribution.end(), 0.0) ==
          doctest::Approx(whole.bucket().heat));
    CHECK(group_by(whole, sales.view(), costs, {}).revenue == Column{190});
}

TEST_CASE("by: a rate is that of its day, and an event is in its month") {
    const GroupedSales sales;
    const CostModel costs = CostModel{}
                                .rate("deliveries", 10)
                                .rate("deliveries", 20, 1, 18659)
                                .rate("visits", 7)
                                .pool("service", 300, 100)
                                .activity("advise", "service", "2", "visits");
    const std::vector<std::int32_t> visitor{0, 1};
    const std::vector<DayNumber> visited{18659, 18631};
    StatementOptions options;
    options.events = {{.name = "visits", .customer = visitor, .day = visited}};
    const Statement whole = statement(sales.view(), costs, {}, 1, options);
    const std::vector<std::int32_t> months = months_of(whole.portfolio().period());
    const std::vector<GroupDimension> dimensions{{.name = "month", .of_day = months},
                                                 {.name = "family", .of_row = sales.family}};
    const GroupedStatement found = group_by(whole, sales.view(), costs, dimensions, options);
    // Months 0 and 1; the visit of customer 0 in month 1 is shared over its families.
    REQUIRE(found.value == std::vector<std::vector<std::int32_t>>{{0, 0, 1, 1}, {0, 1, 0, 1}});
    const Matrix& charged = found.charged;  // deliveries, visits, service
    CHECK(std::vector<double>(charged.row(0).begin(), charged.row(0).end()) == std::vector<double>{5, 7, 6});
    CHECK(std::vector<double>(charged.row(1).begin(), charged.row(1).end()) == std::vector<double>{5, 0, 0});
    CHECK(std::vector<double>(charged.row(2).begin(), charged.row(2).end()) == std::vector<double>{20, 3.5, 3});
    CHECK(std::vector<double>(charged.row(3).begin(), charged.row(3).end()) == std::vector<double>{0, 3.5, 3});
}

TEST_CASE("by: the cost of credit is in the month of its invoice") {
    const GroupedSales sales;
    const CostModel costs = CostModel{}.credit_rate(0.365);
    const std::vector<std::int32_t> debtor{0, 0, 1, -1};
    const std::vector<DayNumber> invoiced{18631, 18659, 18659, 18631};
    const std::vector<DayNumber> paid{18641, 18679, no_day, 18700};
    const std::vector<double> amount{50, 40, 90, 10};
    StatementOptions options;
    options.receivables = {debtor, invoiced, {}, paid, amount};
    const Statement whole = statement(sales.view(), costs, {}, 1, options);
    const std::vector<std::int32_t> months = months_of(whole.portfolio().period());
    std::vector<GroupDimension> dimensions{{.name = "month", .of_day = months},
                                           {.name = "family", .of_row = sales.family}};
    const GroupedStatement found = group_by(whole, sales.view(), costs, dimensions, options);
    // A thousandth of amount x days: 0.5 in month 0, 0.8 in month 1, shared 40 to 60 by revenue. The unpaid invoice is
    // open to the last day, its own.
    REQUIRE(found.value == std::vector<std::vector<std::int32_t>>{{0, 0, 1, 1}, {0, 1, 0, 1}});
    const std::vector<double> expected{0.2, 0.3, 0.32, 0.48};
    for (std::size_t g = 0; g < 4; ++g) CHECK(found.credit_cost[g] == doctest::Approx(expected[g]).epsilon(1e-14));
    CHECK(found.revenue == Column{40, 60, 90, 0});
    const std::vector<double> wrong{50, 50, 90, 10};
    options.receivables.amount = wrong;
    CHECK_THROWS_WITH_AS(group_by(whole, sales.view(), costs, dimensions, options),
                         doctest::Contains("the cost of credit of customer 0 is 1.3 in the statement"), InputError);
    // Days sales outstanding have no invoices: revenue shares the cost over all rows.
    const std::vector<double> dso{10, 20};
    options.receivables = {};
    options.dso = dso;
    const Statement days = statement(sales.view(), costs, {}, 1, options);
    CHECK(group_by(days, sales.view(), costs, dimensions, options).credit_cost == Column{0.4, 0.6, 1.8});
}

TEST_CASE("by: more possible groups than a list has") {
    // 1,024 x 1,025 x 2 possible groups, of which each row is another; then the same rows with fewer possible groups.
    std::vector<std::int32_t> customer, first, second;
    std::vector<DayNumber> day;
    std::vector<double> revenue, cost;
    for (int k = 0; k < 5000; ++k) {
        customer.push_back(k % 3);
        first.push_back(k * 131 % 1024);
        second.push_back(k * 197 % 1025);
        day.push_back(18631 + k % 29);
        revenue.push_back(1 + k % 97 * 0.37);
        cost.push_back(0.5);
    }
    const LedgerView view{customer, day, revenue, cost};
    const CostModel costs = CostModel{}.rate(Driver::deliveries, 7).rate(Driver::lines, 0.3).revenue_share(0.1);
    const Statement whole = statement(view, costs);
    const std::vector<GroupDimension> wide{{.name = "first", .of_row = first}, {.name = "second", .of_row = second}};
    const GroupedStatement found = group_by(whole, view, costs, wide);
    const GroupedStatement narrow = group_by(whole, view, costs, std::span(wide).first(1));
    Column sums(narrow.contribution.size());
    for (std::size_t g = 0; g < found.contribution.size(); ++g) {
        sums[static_cast<std::size_t>(found.value[0][g])] += found.contribution[g];
    }
    REQUIRE(narrow.value[0].size() == 1024);
    for (std::size_t g = 0; g < sums.size(); ++g) CHECK(sums[g] == doctest::Approx(narrow.contribution[g]));
    CHECK(std::accumulate(sums.begin(), sums.end(), 0.0) == doctest::Approx(whole.bucket().heat));
}

TEST_CASE("by: what cannot be grouped is named") {
    const GroupedSales sales;
    const Statement whole = statement(sales.view());
    const std::vector<std::int32_t> wrong{0};
    std::vector<GroupDimension> dimensions{{.name = "family", .of_row = wrong}};
    CHECK_THROWS_WITH_AS(group_by(whole, sales.view(), {}, dimensions), doctest::Contains("has 1 entries for 3 rows"),
                         InputError);
    dimensions[0].of_row = sales.family;
    const CostModel other = CostModel{}.rate(Driver::lines, 3);
    const Statement charged = statement(sales.view(), CostModel{}.rate(Driver::lines, 2));
    CHECK_THROWS_WITH_AS(group_by(charged, sales.view(), other, dimensions),
                         doctest::Contains("lines of customer 0 is 4 in the statement"), InputError);
    const std::vector<double> key{1, -1, 1};
    CHECK_THROWS_WITH_AS(group_by(whole, sales.view(), {}, dimensions, {}, key), doctest::Contains("the key of row 1"),
                         InputError);
    dimensions[0].begin = {0, 1, 2};
    dimensions[0].value = {0, 1};
    dimensions[0].share = {0.5, 1};
    CHECK_THROWS_WITH_AS(group_by(whole, sales.view(), {}, dimensions), doctest::Contains("sum to 0.5"), InputError);
}
