// Tests of the offers: Horngren's customer T, expected values, what is offered and what is not, and bad input.
#include "custfolio/remediation/offers.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <tuple>

#include "custfolio/math/eigen_views.hpp"
#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

CostModel demo_costs() {
    CostModel costs;
    costs.rate(Driver::deliveries, 90, 0.8).rate(Driver::lines, 2.5).rate(Driver::quantity, 0.12);
    costs.revenue_share(0.2);
    return costs;
}

Portfolio portfolio_of(const std::vector<Volume>& volumes, const CostModel& costs) {
    const std::size_t customers = volumes.size();
    PortfolioColumns columns;
    for (Column* each : {&columns.revenue, &columns.goods, &columns.deliveries, &columns.lines, &columns.quantity,
                         &columns.cost_to_serve, &columns.avoidable_cost, &columns.contribution}) {
        each->resize(customers);
    }
    for (std::size_t i = 0; i < customers; ++i) {
        const Volume& volume = volumes[i];
        columns.id.push_back("c" + std::to_string(i));
        columns.revenue[i] = volume.revenue;
        columns.goods[i] = volume.goods;
        columns.deliveries[i] = volume.deliveries;
        columns.lines[i] = volume.lines;
        columns.quantity[i] = volume.quantity;
        columns.cost_to_serve[i] = costs.cost(volume);
        columns.avoidable_cost[i] = costs.avoidable_cost(volume);
        columns.contribution[i] = volume.revenue - volume.goods - costs.cost(volume);
    }
    return Portfolio(std::move(columns));
}

const std::vector<Terms> levers{Terms::delivery_fee(25), Terms::minimum_order(2'000), Terms::price(0.03)};

}  // namespace

TEST_CASE("Horngren's customer T costs 167.30 net with every delivery, 354.50 to serve") {
    PortfolioColumns columns;
    columns.id = {"T"};
    columns.revenue = Column(1, 3'900 * 12.96);
    columns.goods = Column(1, 3'900 * 12.0);
    columns.cost_to_serve = Column(1, 7'090);
    columns.contribution = Column(1, 3'900 * 12.96 - 3'900 * 12.0 - 7'090);
    columns.deliveries = Column(1, 20);
    columns.quantity = Column(1, 3'900);
    columns.driver_names = {"orders", "visits", "miles", "expedited"};
    columns.further = Matrix(1, 4);
    as_array(columns.further) << 30, 3, 800, 1;
    const Portfolio portfolio(columns);
    CostModel costs;
    costs.rate("orders", 100).rate("visits", 80).rate("miles", 2).rate(Driver::quantity, 0.5).rate("expedited", 300);
    const std::vector<std::size_t> rows{0};
    const std::vector<Terms> fee{Terms::delivery_fee(500)};
    const Offers offers = remediate(portfolio, rows, 0.0, costs, fee);
    CHECK(offers.heat_per_delivery[0] == doctest::Approx(-167.30).epsilon(1e-12));
    CHECK(offers.cost_per_delivery[0] == doctest::Approx(354.50).epsilon(1e-12));
    // What it costs with every delivery is the fee that brings it to the freezing point.
    REQUIRE(offers.best(0) != nullptr);
    CHECK(offers.best(0)->required == doctest::Approx(167.30).epsilon(1e-12));
    CHECK(offers.best(0)->temperature_after == doctest::Approx(0).epsilon(1e-12));
    // A loss on goods comes on top of the cost to serve.
    columns.goods[0] += 5'000;
    columns.contribution[0] -= 5'000;
    const Offers dearer = remediate(Portfolio(columns), {}, 0.0, costs, fee);
    CHECK(dearer.cost_per_delivery[0] == doctest::Approx((7'090 + 1'256) / 20.0).epsilon(1e-12));
    CHECK(dearer.heat_per_delivery[0] == doctest::Approx(-(7'090 + 1'256) / 20.0).epsilon(1e-12));
}

TEST_CASE("random portfolios: every figure of an offer follows from the terms, the model and the prior") {
    const CostModel costs = demo_costs();
    const Acceptance prior{0.6, 8};
    std::mt19937_64 random(23);
    std::uniform_real_distribution<double> uniform;
    std::vector<Volume> volumes;
    for (int k = 0; k < 400; ++k) {
        const double revenue = 100'000 * uniform(random);
        const double deliveries = std::floor(60 * uniform(random));
        volumes.push_back(
            {revenue, revenue * (0.6 + 0.5 * uniform(random)), deliveries, 8 * deliveries, 90 * deliveries, {}});
    }
    const Portfolio portfolio = portfolio_of(volumes, costs);
    std::vector<std::size_t> rows;
    for (std::size_t i = portfolio.size(); i-- > 0;) {
        if (portfolio.at(i).temperature() < 0.05) rows.push_back(i);
    }
    REQUIRE(rows.size() > 100);
    const Offers offers = remediate(portfolio, rows, 0.05, costs, levers, {.acceptance = prior});
    CHECK(offers.begin.size() == portfolio.size() + 1);
    CHECK(offers.begin.back() == offers.offers.size());
    CHECK(offers.offers.size() + offers.not_offered.size() == rows.size() * levers.size());
    int short_of_it = 0;
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        const std::span<const Offer> made = offers.of(i);
        const bool asked = std::find(rows.begin(), rows.end(), i) != rows.end();
        CHECK(offers.asked[i] == asked);
        CHECK(offers.no_offer_reason(i).empty() == (!asked || !made.empty()));
        if (made.empty()) CHECK(offers.best(i) == nullptr);
        const Customer customer = portfolio.at(i);
        for (const Offer& offer : made) {
            CHECK(offer.customer == i);
            CHECK(offers.terms(offer) == levers[offer.lever].with_amount(offer.amount));
            CHECK(offer.amount <= levers[offer.lever].amount);
            const Volume after = apply(offers.terms(offer), customer.volume()).after;
            CHECK(offer.deliveries_change == after.deliveries - customer.volume().deliveries);
            // Revenue, goods and avoidable cost, each on its own.
            const double change =
                (after.revenue - after.goods - costs.avoidable_cost(after)) - customer.avoidable_heat();
            CHECK(offer.heat_change == doctest::Approx(change).epsilon(1e-9).scale(1'000));
            CHECK(offer.heat_change > 0);
            CHECK(offer.revenue_change == after.revenue - customer.level());
            CHECK(offer.deliveries_change <= 0);
            // The statement will show the change at full cost: a fifth of a delivery's cost stays with the company.
            const double full = (after.revenue - after.goods - costs.cost(after)) -
                                (customer.level() - customer.volume().goods - costs.cost(customer.volume()));
            CHECK(offer.full_change == doctest::Approx(full).epsilon(1e-9).scale(1'000));
            CHECK(offer.full_change >= offer.heat_change - 1e-9);
            CHECK(offer.temperature_after == doctest::Approx((customer.heat() + full) / after.revenue).epsilon(1e-9));
            CHECK(offer.temperature_after > customer.temperature());
            CHECK(offer.acceptance == prior.probability(offer.burden));
            CHECK(offer.expected_heat_change == offer.acceptance * offer.heat_change);
            CHECK(offers.best(i)->expected_heat_change >= offer.expected_heat_change);
            if (offer.reaches()) {
                CHECK(offer.temperature_after == doctest::Approx(0.05).epsilon(1e-9));
                CHECK(offer.amount == offer.required);
            } else {
                ++short_of_it;
                CHECK(offer.temperature_after < 0.05);
                CHECK(offer.amount == levers[offer.lever].amount);
                CHECK_FALSE(offer.required <= offer.amount);
                CHECK_FALSE(offers.reason(offer).empty());
            }
        }
    }
    CHECK(short_of_it > 20);
    // The order of the rows is no matter.
    const std::vector<std::size_t> ascending(rows.rbegin(), rows.rend());
    const Offers again = remediate(portfolio, ascending, 0.05, costs, levers, {.acceptance = prior});
    REQUIRE(again.offers.size() == offers.offers.size());
    for (std::size_t k = 0; k < offers.offers.size(); ++k) {
        CHECK(again.offers[k].expected_heat_change == offers.offers[k].expected_heat_change);
    }
}

TEST_CASE("what is not offered says why") {
    const CostModel costs = demo_costs();
    const Portfolio portfolio = portfolio_of({{100'000, 60'000, 10, 80, 900, {}},  // warm
                                              {1'000, 900, 0, 80, 900, {}},        // collected at the door
                                              {50'000, 45'000, 20, 80, 900, {}}},  // 2,500 an order
                                             costs);
    const std::vector<std::size_t> rows{0, 1, 2};
    const std::vector<Terms> two{Terms::delivery_fee(25), Terms::minimum_order(2'000)};
    const Offers offers = remediate(portfolio, rows, 0.05, costs, two);
    CHECK(offers.no_offer_reason(0) == "delivery fee: already at 18.8%; minimum order: already at 18.8%");
    CHECK(offers.no_offer_reason(1) ==
          "delivery fee: no deliveries that a fee could be charged for; minimum order: no deliveries that could be "
          "combined");
    CHECK(offers.no_offer_reason(2).empty());
    REQUIRE(offers.of(2).size() == 1);
    CHECK_FALSE(offers.of(2)[0].reaches());
    CHECK(std::isnan(offers.cost_per_delivery[1]));
    const Offers nothing = remediate(portfolio, rows, 0.05, costs, {});
    CHECK(nothing.no_offer_reason(2) == "no terms were given to offer");
    // At an elasticity of -3 the price that reaches the temperature loses more heat in volume than it gains: not
    // offered.
    const std::vector<Terms> price{Terms::price(0.3, -3)};
    const Offers declined = remediate(portfolio_of({{100'000, 50'000, 10, 80, 900, {}}}, costs),
                                      std::vector<std::size_t>{0}, 0.29, costs, price);
    CHECK(declined.offers.empty());
    CHECK(declined.reason(declined.not_offered.at(0)).find("would bring no heat (-") != std::string::npos);
}

TEST_CASE("a portfolio of amounts only gets what can be said") {
    PortfolioColumns columns;
    columns.id = {"a"};
    columns.revenue = Column(1, 1'000);
    columns.contribution = Column(1, -50);
    const std::vector<std::size_t> rows{0};
    const Offers offers = remediate(Portfolio(columns), rows, 0.01, demo_costs(), levers);
    REQUIRE(offers.of(0).size() == 1);
    CHECK(levers[offers.of(0)[0].lever].lever == Terms::Lever::price);
    CHECK(std::isnan(offers.heat_per_delivery[0]));
}

TEST_CASE("nonsense is refused with its customer") {
    const CostModel costs = demo_costs();
    const Portfolio portfolio = portfolio_of({{1'000, 900, 4, 80, 900, {}}, {1'000, 900, 4, 80, 900, {}}}, costs);
    const std::vector<std::size_t> twice{1, 0, 1};
    CHECK_THROWS_WITH_AS(remediate(portfolio, twice, 0.05, costs, levers),
                         "customer c1 (row 1) is to be remediated twice; name every customer once", InputError);
    const std::vector<std::size_t> missing{7};
    CHECK_THROWS_AS(remediate(portfolio, missing, 0.05, costs, levers), NotFoundError);
    const std::vector<std::size_t> rows{0};
    CHECK_THROWS_AS(remediate(portfolio, rows, 5, costs, levers), InputError);
    CHECK_THROWS_AS(remediate(portfolio, rows, 0.05, costs, levers, {.acceptance = {70, 1}}), InputError);
    const std::vector<Terms> free{Terms::delivery_fee(0)};
    CHECK_THROWS_WITH_AS(remediate(portfolio, rows, 0.05, costs, free),
                         "ceiling of the delivery fee is 0; it must be > 0: the most that the "
                         "company will ask",
                         InputError);
    const Offers offers = remediate(portfolio, rows, 0.05, costs, levers);
    CHECK_THROWS_AS(static_cast<void>(offers.of(2)), NotFoundError);
    CHECK_THROWS_AS(static_cast<void>(Offers{}.best(0)), NotFoundError);
}

TEST_CASE("a monthly charge is paid in each calendar month of the period") {
    const CostModel costs = demo_costs();
    const std::vector<Terms> charge{Terms::service_charge(10)};
    const std::vector<std::size_t> rows{0};
    const Portfolio dated = portfolio_of({{1'000, 900, 4, 80, 900, {}}}, costs);
    for (const auto& [first, last, months] :
         {std::tuple{18'628, 18'992, 12.0}, {18'628, 18'717, 3.0}, {18'628, 18'642, 15.0 / 31}}) {
        PortfolioColumns columns = dated.columns();
        columns.period = {first, last};
        const Offers offers = remediate(Portfolio(std::move(columns)), rows, 0.9, costs, charge);
        REQUIRE(offers.offers.size() == 1);
        CHECK(offers.offers[0].revenue_change == doctest::Approx(10 * months).epsilon(1e-14));
    }
}
