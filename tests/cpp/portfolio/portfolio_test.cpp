// Bucket, Portfolio and Customer: mixing is exact, identities are found, bad columns are named.
#include "custfolio/portfolio/portfolio.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/places.hpp"

namespace {

custfolio::PortfolioColumns three_customers() {
    custfolio::PortfolioColumns columns;
    columns.id = {"2633", "4829", "x"};
    columns.name = {"Hy-Vee", "Central City", "Corner shop"};
    columns.revenue = custfolio::Column{1000.0, 500.0, 0.0};
    columns.goods = custfolio::Column{600.0, 300.0, 0.0};
    columns.cost_to_serve = custfolio::Column{150.0, 260.0, 10.0};
    columns.avoidable_cost = custfolio::Column{100.0, 200.0, 5.0};
    columns.contribution = custfolio::Column{250.0, -60.0, -10.0};
    return columns;
}

}  // namespace

TEST_CASE("heat = level x temperature, and mixing two groups mixes by weight of revenue") {
    std::mt19937_64 random{7};
    std::lognormal_distribution<double> amount{6, 2};
    std::vector<double> revenue(5000);
    std::vector<double> contribution(revenue.size());
    for (std::size_t i = 0; i < revenue.size(); ++i) {
        revenue[i] = amount(random);
        contribution[i] = amount(random) - amount(random);
    }
    const std::span all_revenue{revenue};
    const std::span all_contribution{contribution};
    const custfolio::Bucket all = custfolio::pour(revenue, contribution);
    CHECK(all.level * all.temperature() == doctest::Approx(all.heat).epsilon(1e-15));
    const custfolio::Bucket mixed = custfolio::pour(all_revenue.first(1234), all_contribution.first(1234)) +
                                    custfolio::pour(all_revenue.subspan(1234), all_contribution.subspan(1234));
    CHECK(mixed.level == doctest::Approx(all.level).epsilon(1e-14));
    CHECK(mixed.heat == doctest::Approx(all.heat).epsilon(1e-12));
    CHECK(mixed.customers == all.customers);
}

TEST_CASE("an empty bucket has no temperature; a customer without revenue has heat") {
    CHECK(std::isnan(custfolio::Bucket{}.temperature()));
    const custfolio::Portfolio portfolio{three_customers()};
    CHECK(std::isnan(portfolio["x"].temperature()));
    CHECK(portfolio.bucket() == custfolio::Bucket{1500, 180, 3});
    CHECK(std::isnan(portfolio.temperature()[2]));
}

TEST_CASE("at or below a level of 0 there is no temperature: net returns at a loss are not warm") {
    CHECK(std::isnan(custfolio::temperature_of(-3'500, -880)));
    CHECK(std::isnan(custfolio::temperature_of(1e-308, 10.0)));  // the ratio exceeds a double
    CHECK(std::isnan((custfolio::Bucket{-3'500, -880, 4}.temperature())));
    custfolio::PortfolioColumns columns;
    columns.id = {"returns", "nothing", "buys"};
    columns.revenue = custfolio::Column{{-4000.0, 0.0, 1000.0}};
    columns.contribution = custfolio::Column{{-890.0, -5.0, 80.0}};
    const custfolio::Portfolio portfolio{columns};
    CHECK(std::isnan(portfolio["returns"].temperature()));
    CHECK(std::isnan(portfolio.temperature()[0]));
    CHECK(std::isnan(portfolio.temperature()[1]));
    CHECK(portfolio.temperature()[2] == 0.08);
    CHECK(std::isnan(portfolio.bucket().temperature()));
}

TEST_CASE("rows and identities") {
    const custfolio::Portfolio portfolio{three_customers()};
    const custfolio::Portfolio copy = portfolio;
    CHECK(copy["4829"].index() == 1);
    CHECK(copy["4829"].name() == "Central City");
    CHECK(copy["4829"].temperature() == doctest::Approx(-0.12));
    CHECK(copy["4829"].volume().goods == 300);
    CHECK(copy["4829"].volume().deliveries == 0);
    CHECK_THROWS_WITH_AS((void)copy["nobody"], "no customer 'nobody' among the 3 of the portfolio",
                         custfolio::NotFoundError);
    CHECK_THROWS_AS((void)copy.at(3), custfolio::NotFoundError);
}

TEST_CASE("decisions count what leaves with the customer, statements all of it") {
    const custfolio::Portfolio portfolio{three_customers()};
    CHECK(portfolio["4829"].heat() == -60);
    CHECK(portfolio["4829"].avoidable_heat() == 0);
    CHECK(portfolio.avoidable_heat() == custfolio::Column{300.0, 0.0, -5.0});
}

TEST_CASE("bad columns are named") {
    auto columns = three_customers();
    SUBCASE("length") {
        columns.lines = custfolio::Column(2, 0.0);
        CHECK_THROWS_WITH_AS((void)custfolio::Portfolio{columns}, "column lines has 2 entries for 3 customers",
                             custfolio::InputError);
    }
    SUBCASE("repeated identity") {
        columns.id[2] = "2633";
        CHECK_THROWS_WITH_AS((void)custfolio::Portfolio{columns},
                             "customer 2633 stands at positions 0 and 2 (counted from 0); an identity must be unique",
                             custfolio::InputError);
    }
    SUBCASE("empty identity") {
        columns.id[1].clear();
        CHECK_THROWS_AS((void)custfolio::Portfolio{columns}, custfolio::InputError);
    }
    SUBCASE("not a number") {
        columns.revenue[1] = std::numeric_limits<double>::quiet_NaN();
        CHECK_THROWS_WITH_AS((void)custfolio::Portfolio{columns},
                             "customer 4829: revenue is nan; a finite number is needed", custfolio::InputError);
    }
    SUBCASE("contribution that does not follow") {
        columns.contribution[0] = 251;
        CHECK_THROWS_WITH_AS((void)custfolio::Portfolio{columns},
                             "customer 2633: contribution is 251, but revenue - goods - cost_to_serve is 250",
                             custfolio::InputError);
    }
    SUBCASE("coordinates") {
        columns.latitude = custfolio::Column{42.0, std::numeric_limits<double>::quiet_NaN(), 93.0};
        CHECK_THROWS_AS((void)custfolio::Portfolio{columns}, custfolio::InputError);
    }
    SUBCASE("months of another period") {
        columns.period = {custfolio::Month{std::chrono::year{2021} / 1}.first_day(),
                          custfolio::Month{std::chrono::year{2021} / 12}.last_day()};
        columns.monthly_revenue = custfolio::Matrix(3, 11);
        CHECK_THROWS_WITH_AS((void)custfolio::Portfolio{columns}, "column monthly_revenue is 11 wide, expected 12",
                             custfolio::InputError);
    }
}

TEST_CASE("places are added by identity") {
    custfolio::PortfolioColumns columns;
    columns.id = {"a", "b"};
    columns.revenue = {10.0, 20.0};
    columns.contribution = {1.0, 2.0};
    const custfolio::Portfolio portfolio(columns);
    const std::vector<std::string> id{"stranger", "b"};
    const std::vector<double> north{1.0, 51.2};
    const std::vector<double> east{2.0, 4.4};
    const custfolio::LocatedPortfolio found = custfolio::located(portfolio, id, north, east);
    CHECK(std::isnan(found.portfolio.columns().latitude[0]));
    CHECK(found.portfolio.columns().latitude[1] == 51.2);
    CHECK(found.portfolio.columns().longitude[1] == 4.4);
    CHECK(found.rejected.empty());
    CHECK(portfolio.columns().latitude.empty());
    CHECK_THROWS_WITH_AS(custfolio::located(portfolio, id, east, std::vector<double>{1.0}),
                         doctest::Contains("1 longitudes"), custfolio::InputError);
}

TEST_CASE("rows of places that cannot be used are listed with their reasons") {
    custfolio::PortfolioColumns columns;
    columns.id = {"a", "b", "c", "d", "e", "f"};
    columns.revenue.assign(6, 10.0);
    const custfolio::Portfolio portfolio(columns);
    const double missing = std::numeric_limits<double>::quiet_NaN();
    const double infinite = std::numeric_limits<double>::infinity();
    const std::vector<std::string> id{"a", "b", "stranger", "c", "", "a", "d", "e", "f"};
    const std::vector<double> north{91, 41.6, 400, -93.6, 1, 50, 0.5, missing, missing};
    const std::vector<double> east{100, -93.6, missing, 41.6, 1, 4, infinite, 4, missing};
    const custfolio::LocatedPortfolio found = custfolio::located(portfolio, id, north, east);
    std::vector<std::pair<std::size_t, std::string>> listed;
    for (const auto& [row, who, reason] : found.rejected) {
        CHECK(who == id[row]);
        listed.emplace_back(row, reason);
    }
    CHECK(listed == std::vector<std::pair<std::size_t, std::string>>{
                        {0, "latitude is 91; it lies in [-90, 90] degrees"},
                        {3, "latitude is -93.6; it lies in [-90, 90] degrees. Latitude and longitude may be swapped"},
                        {4, "has no identity"},
                        {5, "is listed before"},
                        {6, "longitude is inf; it lies in [-180, 180] degrees"},
                        {7, "latitude is missing"}});
    // Of a place with a fault neither coordinate counts, and a later row does not replace it.
    for (const std::size_t row : {0, 2, 3, 4, 5}) {
        CHECK(std::isnan(found.portfolio.columns().latitude[row]));
        CHECK(std::isnan(found.portfolio.columns().longitude[row]));
    }
    CHECK(found.portfolio.columns().latitude[1] == 41.6);
}

TEST_CASE("Orders belong to the customers of the portfolio, and are checked") {
    const custfolio::Portfolio portfolio({.id = {"a", "b"}, .revenue = {30, 5}, .contribution = {3, 1}});
    const custfolio::Orders orders{.begin = {0, 2, 3},
                                   .day = {1, 2, 2},
                                   .kind = {1, 1, 1},
                                   .amount = {10, 20, 5},
                                   .lines = {1, 2, 1},
                                   .driver_names = {"rush"},
                                   .drivers = custfolio::Matrix(3, 1),
                                   .whole = {1}};
    const custfolio::Portfolio with = portfolio.with_orders(orders);
    CHECK(with.columns().orders.amount == custfolio::Column{10, 20, 5});
    CHECK(with.identity() == portfolio.identity());
    const auto refused = [&](auto change, const char* text) {
        custfolio::Orders broken = orders;
        change(broken);
        CHECK_THROWS_WITH_AS(static_cast<void>(portfolio.with_orders(broken)), doctest::Contains(text),
                             custfolio::InputError);
    };
    refused([](custfolio::Orders& one) { one.begin = {0, 3}; }, "begin has 2 entries; it must have 3");
    refused([](custfolio::Orders& one) { one.begin = {0, 3, 2}; }, "must ascend from 0 to the number of orders, 3");
    refused([](custfolio::Orders& one) { one.begin.clear(); }, "day has 3 entries; it must have 0");
    refused([](custfolio::Orders& one) { one.kind[1] = 2; }, "order 1 (counted from 0) is of kind 2");
    refused([](custfolio::Orders& one) { one.amount[2] = std::numeric_limits<double>::infinity(); }, "not finite");
    refused([](custfolio::Orders& one) { one.lines.pop_back(); }, "lines has 2 entries; it must have 3");
    refused([](custfolio::Orders& one) { one.whole.clear(); }, "whole has 0 entries; it must have 1");
    refused([](custfolio::Orders& one) { one.quantity = {1}; }, "quantity has 1 entries; it must have 3");
    refused([](custfolio::Orders& one) { one.driver_names.clear(); }, "drivers has 3 entries; it must have 0");
}
