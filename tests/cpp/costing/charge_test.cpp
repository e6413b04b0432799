// Tests of charging: Horngren's five customers, reconciliation to the cent on many customers, agreement with one by
// one.
#include "custfolio/costing/charge.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "custfolio/math/eigen_views.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

DriverTable table_of(std::size_t customers) {
    DriverTable table;
    for (Column* each : {&table.revenue, &table.goods, &table.deliveries, &table.lines, &table.quantity}) {
        *each = Column(customers, 0.0);
    }
    return table;
}

}  // namespace

TEST_CASE("Horngren, Spring Distribution: operating income 2,012, 11,545, 38,720, 41,856 and -3,346") {
    DriverTable table = table_of(5);
    table.quantity = {2'080, 8'750, 60'800, 31'800, 3'900};
    const Column price{14.40, 14.16, 13.20, 13.92, 12.96};
    as_array(table.revenue) = as_array(table.quantity) * as_array(price);
    as_array(table.goods) = as_array(table.quantity) * 12.0;
    table.deliveries = {10, 30, 60, 40, 20};
    table.driver_names = {"orders", "visits", "miles", "expedited"};
    table.further = Matrix(5, 4);
    as_array(table.further) << 15, 2, 10 * 14, 0,  //
        25, 3, 30 * 4, 0,                          //
        30, 6, 60 * 3, 0,                          //
        25, 2, 40 * 8, 0,                          //
        30, 3, 20 * 40, 1;
    CostModel costs;
    costs.rate("orders", 100).rate("visits", 80).rate("miles", 2).rate(Driver::quantity, 0.5).rate("expedited", 300);
    const CostTable charged = charge(costs, table);
    CHECK(charged.total == Column{2'980, 7'355, 34'240, 19'200, 7'090});
    const Eigen::ArrayXd income = as_array(table.revenue) - as_array(table.goods) - as_array(charged.total);
    const Column published{2'012, 11'545, 38'720, 41'856, -3'346};
    CHECK((income - as_array(published)).abs().maxCoeff() < 1e-9);
    CHECK(income.sum() == doctest::Approx(90'787).epsilon(1e-13));
    CHECK(charged.element == std::vector<std::string>{"orders", "visits", "miles", "quantity", "expedited"});
    CHECK(charged.driver_total == std::vector<double>{125, 16, 1'560, 107'330, 1});
    CHECK(charged.cost_in == std::vector<double>{12'500, 1'280, 3'120, 53'665, 300});
    CHECK(charged.charged_total == charged.cost_in);
    CHECK(charged.total_cost_in() == 70'865);
    CHECK(charged.total_charged() == 70'865);
    CHECK(charged.charged(4, charged.index("miles")) == 1'600);
    CHECK_THROWS_WITH_AS(static_cast<void>(charged.index("lines")),
                         "no cost element 'lines'; there are: orders, visits, miles, quantity, expedited",
                         NotFoundError);
}

TEST_CASE("a hundred thousand customers: every element reconciles to the cent, rows agree with the model one by one") {
    constexpr std::size_t customers = 100'000;
    std::mt19937_64 random(7);
    std::lognormal_distribution<double> size(6, 2);
    DriverTable table = table_of(customers);
    table.driver_names = {"kilometres"};
    table.further = Matrix(customers, 1);
    for (std::size_t i = 0; i < customers; ++i) {
        table.revenue[i] = size(random) * (i % 50 == 0 ? -1 : 1);  // returns
        table.deliveries[i] = std::floor(size(random));
        table.lines[i] = std::floor(size(random));
        table.quantity[i] = std::floor(size(random)) - 100;
        table.further(i, 0) = size(random);
    }
    CostModel costs;
    costs.rate(Driver::deliveries, 89.99, 0.8).rate(Driver::lines, 2.51).rate(Driver::quantity, 0.123, 0);
    costs.rate("kilometres", 0.3333, 0.5).revenue_share(0.2037, 0.9);
    const CostTable charged = charge(costs, table);
    REQUIRE(charged.element.size() == 5);
    CHECK(charged.element.back() == "revenue share");
    for (std::size_t k = 0; k < charged.element.size(); ++k) {
        CAPTURE(charged.element[k]);
        CHECK(std::abs(charged.cost_in[k] - charged.charged_total[k]) < 0.005);
        CHECK(std::abs(as_array(charged.charged).col(static_cast<Eigen::Index>(k)).sum() - charged.cost_in[k]) < 0.005);
    }
    CHECK(std::abs(as_array(charged.total).sum() - charged.total_cost_in()) < 0.005);
    const std::vector<std::string> names{"kilometres"};
    for (std::size_t i = 0; i < customers; i += 997) {
        const Volume volume{table.revenue[i],     0, table.deliveries[i], table.lines[i], table.quantity[i],
                            {table.further(i, 0)}};
        CHECK(charged.total[i] == doctest::Approx(costs.cost(volume, names)).epsilon(1e-13));
        CHECK(charged.avoidable[i] == doctest::Approx(costs.avoidable_cost(volume, names)).epsilon(1e-13));
    }
}

TEST_CASE("no customers, no costs") {
    CHECK(charge(CostModel{}.rate(Driver::lines, 1), table_of(0)).total_cost_in() == 0);
    const CostTable free = charge({}, table_of(3));
    CHECK(free.element.empty());
    CHECK(free.total == Column(3, 0.0));
}

TEST_CASE("bad tables are refused where they are bad") {
    DriverTable table = table_of(3);
    CHECK_THROWS_WITH_AS(charge(CostModel{}.rate("miles", 1), table),
                         "no driver 'miles'; there are deliveries, lines, quantity, returns, returned_quantity",
                         NotFoundError);
    table.lines[1] = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH_AS(charge(CostModel{}.rate(Driver::lines, 2), table),
                         "row 1 (counted from 0): lines is nan at a rate of 2; the cost must be a finite number",
                         InputError);
    table = table_of(3);
    table.revenue[2] = 1e300;
    CHECK_NOTHROW(charge(CostModel{}.rate(Driver::lines, 2), table));
    table.quantity = Column(2, 0.0);
    CHECK_THROWS_WITH_AS(charge({}, table), "column quantity has 2 entries, revenue has 3", InputError);
    table = table_of(3);
    table.driver_names = {"miles"};
    table.further = Matrix(3, 2);
    CHECK_THROWS_WITH_AS(charge({}, table), "the table has 2 further drivers for 1 names", InputError);
    table = table_of(3);
    table.quantity = {1e17 / 3, 1e17 / 11, 1e17 / 13};  // a cent is lost in the products
    CHECK_THROWS_AS(charge(CostModel{}.rate(Driver::quantity, 0.1), table), InputError);
}
