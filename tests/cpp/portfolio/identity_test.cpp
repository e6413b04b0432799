// Identity: stable bits, every part counts, and results of another portfolio are refused by name.
#include "custfolio/portfolio/identity.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/portfolio.hpp"

using custfolio::identify;
using custfolio::Identity;
using custfolio::InputError;
using custfolio::require_same;

namespace {

const std::vector<std::string> keys{"2633", "4829"};
const std::vector<double> revenue{1000.0, 500.0};
const std::vector<double> contribution{250.0, -60.0};
constexpr custfolio::Period year{18628, 18992};  // 2021

}  // namespace

TEST_CASE("the hash is the same on every platform") {
    const Identity identity = identify(keys, year, revenue, contribution);
    CHECK(identity.hash == 0x2856499c87f4aae2ULL);
    CHECK(to_string(identity) == "portfolio 2856499c87f4aae2 (2 customers, 2021-01-01 to 2021-12-31)");
    CHECK(to_string(Identity{}) == "no portfolio");
    CHECK(to_string(identify({}, {}, {}, {})).ends_with("(0 customers, no period)"));
}

TEST_CASE("keys, their order and borders, period, revenue and contribution count") {
    const std::vector<double> other{1000.0, 500.01};
    const std::vector<double> swapped_revenue{500.0, 1000.0};
    const std::vector<double> swapped_contribution{-60.0, 250.0};
    const std::set<std::uint64_t> hashes{
        identify(keys, year, revenue, contribution).hash,
        identify(std::vector<std::string>{"26334", "829"}, year, revenue, contribution).hash,
        identify(std::vector<std::string>{"4829", "2633"}, year, revenue, contribution).hash,
        identify(std::vector<std::string>{"4829", "2633"}, year, swapped_revenue, swapped_contribution).hash,
        identify(keys, {year.first, year.last - 1}, revenue, contribution).hash,
        identify(keys, {year.first + 1, year.last}, revenue, contribution).hash,
        identify(keys, year, other, contribution).hash,
        identify(keys, year, revenue, other).hash,
        identify(keys, year, contribution, revenue).hash,
    };
    CHECK(hashes.size() == 9);
    const std::vector<double> minus_zero{-0.0, 500.0};
    const std::vector<double> zero{0.0, 500.0};
    CHECK(identify(keys, year, minus_zero, contribution) == identify(keys, year, zero, contribution));
    CHECK_THROWS_AS((void)identify(keys, year, revenue, {}), InputError);
}

TEST_CASE("a portfolio carries it; copies and places change nothing") {
    custfolio::PortfolioColumns columns;
    columns.id = keys;
    columns.period = year;
    columns.revenue = revenue;
    columns.contribution = contribution;
    const custfolio::Portfolio portfolio{columns};
    CHECK(portfolio.identity() == identify(keys, year, revenue, contribution));
    columns.latitude = {42.0, 41.0};
    columns.longitude = {-93.0, -91.0};
    CHECK(custfolio::Portfolio{columns}.identity() == portfolio.identity());
    columns.contribution[1] = -61.0;
    CHECK(custfolio::Portfolio{columns}.identity() != portfolio.identity());
}

TEST_CASE("a result of another portfolio is refused, one of no portfolio passes") {
    const Identity here = identify(keys, year, revenue, contribution);
    const Identity there =
        identify(std::vector<std::string>{"x"}, {}, std::vector<double>{1.0}, std::vector<double>{1.0});
    require_same(here, here, "the offers are");
    require_same(Identity{}, here, "the offers are");
    CHECK_THROWS_WITH_AS(require_same(there, here, "the offers are"),
                         ("the offers are of " + to_string(there) + ", this is " + to_string(here) +
                          "; results apply to the portfolio that they were made from")
                             .c_str(),
                         InputError);
}
