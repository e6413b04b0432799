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
    const Statement whole = statement(sales.view(), CostModel{}.rate(Driver::deliveries, 10));
    const std::vector<GroupDimension> dimensions{{.name = "family", .of_row = sales.family}};
    const GroupedStatement found = group_by(whole, sales.view(), dimensions);
    REQUIRE(found.value == std::vector<std::vector<std::int32_t>>{{0, 1}});
    CHECK(found.deliveries == Column{1.5, 0.5});
    CHECK(found.contribution == Column{15, 25});
    CHECK(found.customers == Column{2, 1});
    const std::vector<double> key{9, 1, 5};
    CHECK(group_by(whole, sales.view(), dimensions, key).deliveries == Column{1.1, 0.9});
}

TEST_CASE("by: months, cells with shares, and no dimension") {
    const GroupedSales sales;
    const Statement whole = statement(sales.view(), CostModel{}.rate(Driver::deliveries, 10));
    const std::vector<std::int32_t> months = months_of(sales.view(), whole.portfolio().period());
    CHECK(months == std::vector<std::int32_t>{0, 0, 1});
    const std::vector<std::int32_t> manager{0, 1};  // the second customer is shared by two managers
    std::vector<GroupDimension> dimensions{{.name = "month", .of_row = months},
                                           {.name = "manager", .of_customer = manager}};
    dimensions[1].begin = {0, 1, 3};
    dimensions[1].value = {0, 0, 1};
    dimensions[1].share = {1, 0.25, 0.75};
    const GroupedStatement found = group_by(whole, sales.view(), dimensions);
    CHECK(found.value[0] == std::vector<std::int32_t>{0, 1, 1});
    CHECK(found.value[1] == std::vector<std::int32_t>{0, 0, 1});
    CHECK(found.revenue == Column{100, 22.5, 67.5});
    CHECK(std::accumulate(found.contribution.begin(), found.contribution.end(), 0.0) ==
          doctest::Approx(whole.bucket().heat));
    CHECK(group_by(whole, sales.view(), {}).revenue == Column{190});
}

TEST_CASE("by: what cannot be grouped is named") {
    const GroupedSales sales;
    const Statement whole = statement(sales.view());
    const std::vector<std::int32_t> wrong{0};
    std::vector<GroupDimension> dimensions{{.name = "family", .of_row = wrong}};
    CHECK_THROWS_WITH_AS(group_by(whole, sales.view(), dimensions), doctest::Contains("has 1 entries for 3 rows"),
                         InputError);
    dimensions[0].of_row = sales.family;
    const std::vector<double> key{1, -1, 1};
    CHECK_THROWS_WITH_AS(group_by(whole, sales.view(), dimensions, key), doctest::Contains("the key of row 1"),
                         InputError);
    dimensions[0].begin = {0, 1, 2};
    dimensions[0].value = {0, 1};
    dimensions[0].share = {0.5, 1};
    CHECK_THROWS_WITH_AS(group_by(whole, sales.view(), dimensions), doctest::Contains("sum to 0.5"), InputError);
}
