// Tests of the search for amounts: replayed orders, steps, packages and expected heat against enumeration.
#include "custfolio/remediation/offers.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "custfolio/math/errors.hpp"

using namespace custfolio;

namespace {

/// A company with orders: revenue and deliveries follow from them.
Portfolio company_with_orders(int customers, unsigned seed, const CostModel& costs) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform;
    std::normal_distribution<double> normal;
    PortfolioColumns columns;
    columns.period = {18'628, 18'628 + 364};
    columns.driver_names = {"kilometres"};
    columns.further = Matrix(static_cast<std::size_t>(customers), 1);
    Orders orders;
    orders.begin = {0};
    orders.driver_names = {"kilometres"};
    orders.whole = {1};
    std::vector<double> kilometres;
    for (std::size_t i = 0; i < static_cast<std::size_t>(customers); ++i) {
        const int count = 1 + static_cast<int>(50 * uniform(random));
        const double distance = std::floor(1 + 40 * uniform(random));
        double revenue = 0;
        for (int k = 0; k < count; ++k) {
            orders.day.push_back(columns.period.first + k * 365 / count);
            orders.kind.push_back(1);
            orders.amount.push_back(std::round(std::exp(6.5 + normal(random))));
            orders.lines.push_back(1 + std::floor(8 * uniform(random)));
            orders.quantity.push_back(10 * orders.lines.back());
            kilometres.push_back(distance);
            revenue += orders.amount.back();
        }
        orders.begin.push_back(orders.day.size());
        double lines = 0;
        for (std::size_t k = orders.begin[i]; k < orders.day.size(); ++k) lines += orders.lines[k];
        Volume volume{
            revenue,           revenue * (0.5 + 0.35 * uniform(random)), static_cast<double>(count), lines, 10 * lines,
            {distance * count}};
        columns.id.push_back("c" + std::to_string(i));
        columns.revenue.push_back(volume.revenue);
        columns.goods.push_back(volume.goods);
        columns.deliveries.push_back(volume.deliveries);
        columns.lines.push_back(volume.lines);
        columns.quantity.push_back(volume.quantity);
        columns.further(i, 0) = volume.further[0];
        const double cost = costs.cost(volume, columns.driver_names);
        columns.cost_to_serve.push_back(cost);
        columns.avoidable_cost.push_back(costs.avoidable_cost(volume, columns.driver_names));
        columns.contribution.push_back(volume.revenue - volume.goods - cost);
    }
    orders.drivers = Matrix(orders.day.size(), 1);
    std::copy(kilometres.begin(), kilometres.end(), orders.drivers.data());
    return Portfolio(std::move(columns)).with_orders(std::move(orders));
}

CostModel costs_with_kilometres() {
    CostModel costs;
    costs.rate(Driver::deliveries, 60, 0.7).rate("kilometres", 1.5).rate(Driver::lines, 2.5).revenue_share(0.15);
    return costs;
}

Terms stepped(Terms terms, double step) {
    terms.step = step;
    return terms;
}

std::vector<std::size_t> cold(const Portfolio& portfolio, double target) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        if (portfolio.at(i).temperature() < target) rows.push_back(i);
    }
    return rows;
}

Position position_of(const Portfolio& portfolio, std::size_t row) {
    const Customer customer = portfolio.at(row);
    return {customer.volume(), customer.heat(),
            orders_of_customer(portfolio.columns().orders, row, portfolio.period())};
}

constexpr double aim = 0.08;

}  // namespace

TEST_CASE("replayed levers: the offered amount is the first step that reaches, against a scan of all steps") {
    const CostModel costs = costs_with_kilometres();
    const Portfolio portfolio = company_with_orders(300, 1, costs);
    const std::vector<std::size_t> rows = cold(portfolio, aim);
    REQUIRE(rows.size() > 60);
    Terms half = stepped(Terms::minimum_order(3'000), 100);
    half.waits = 0.5;
    half.longest_wait = 30;
    const std::vector<Terms> levers{stepped(Terms::minimum_order(3'000), 100), half,
                                    stepped(Terms::minimum_quantity(400), 25), Terms::frequency(28),
                                    Terms::fixed_days(std::vector<int>{2})};
    const Offers offers = remediate(portfolio, rows, aim, costs, levers, {.threads = 1});
    CHECK(offers.replayed);
    int reached = 0;
    for (const Offer& offer : offers.offers) {
        const Terms& lever = levers[offer.lever];
        const Position before = position_of(portfolio, offer.customer);
        const auto at = [&](double amount) {
            return outcome(lever.with_amount(amount), before, costs, portfolio.columns().driver_names);
        };
        CHECK(offer.temperature_after == at(offer.amount).temperature);
        CHECK(offer.heat_change == at(offer.amount).heat_change);
        double first = std::numeric_limits<double>::quiet_NaN();
        const double step = lever.step > 0 ? lever.step : lever.amount;
        for (double amount = step; amount <= lever.amount && std::isnan(first); amount += step) {
            if (at(amount).temperature >= aim) first = amount;
        }
        if (offer.reaches()) {
            ++reached;
            CHECK(offer.amount == doctest::Approx(first));
        } else {
            CHECK(std::isnan(first));
            CHECK(offer.amount == lever.amount);
        }
        // A delivery less costs 60 and its kilometres less, of which 42 and the kilometres leave.
        const double distance = before.volume.further[0] / before.volume.deliveries;
        CHECK(offer.full_change == doctest::Approx(-offer.deliveries_change * (60 + 1.5 * distance)).epsilon(1e-9));
        CHECK(offer.heat_change == doctest::Approx(-offer.deliveries_change * (42 + 1.5 * distance)).epsilon(1e-9));
        if (offer.lever < 3) {
            // Orders that go after 30 days may be smaller than the minimum.
            if (lever.longest_wait == 0) CHECK(offer.heat_if_waits >= offer.heat_if_tops_up);
        } else {
            CHECK(std::isnan(offer.heat_if_waits));
        }
        if (!offer.reaches() && offer.lever == 0 && !std::isnan(offer.required)) {
            CHECK(offer.required > lever.amount);
            CHECK(std::fmod(offer.required, 100) == 0);
            CHECK(at(offer.required).temperature >= aim - 1e-12);
            CHECK(at(offer.required - 100).temperature < aim);
        }
    }
    CHECK(reached > 40);
    // Any amount: the next lower one does not reach.
    const std::vector<Terms> any{Terms::minimum_order(3'000)};
    for (const Offer& offer : remediate(portfolio, rows, aim, costs, any).offers) {
        if (!offer.reaches()) continue;
        const Position before = position_of(portfolio, offer.customer);
        const Terms less = any[0].with_amount(offer.amount * (1 - 1e-9));
        CHECK(outcome(less, before, costs, portfolio.columns().driver_names).temperature < aim);
    }
}

TEST_CASE("the same offers for any number of threads") {
    const CostModel costs = costs_with_kilometres();
    const Portfolio portfolio = company_with_orders(3'000, 2, costs);
    const std::vector<std::size_t> rows = cold(portfolio, aim);
    const std::vector<Terms> levers{Terms::delivery_fee(30), stepped(Terms::minimum_order(3'000), 100)};
    const Offers one = remediate(portfolio, rows, aim, costs, levers, {.threads = 1});
    const Offers four = remediate(portfolio, rows, aim, costs, levers, {.threads = 4});
    REQUIRE(one.offers.size() == four.offers.size());
    REQUIRE(one.not_offered.size() == four.not_offered.size());
    for (std::size_t k = 0; k < one.offers.size(); ++k) {
        CHECK(one.offers[k].customer == four.offers[k].customer);
        CHECK(one.offers[k].expected_heat_change == four.offers[k].expected_heat_change);
    }
}

TEST_CASE("steps: the next multiple up to the ceiling, and the required step beyond it") {
    const CostModel costs = costs_with_kilometres();
    const Portfolio portfolio = company_with_orders(200, 3, costs);
    const std::vector<std::size_t> rows = cold(portfolio, aim);
    const std::vector<Terms> exact{Terms::delivery_fee(23), Terms::price(0.03)};
    const std::vector<Terms> levers{stepped(exact[0], 5), stepped(exact[1], 0.005)};
    const Offers one = remediate(portfolio, rows, aim, costs, exact);
    const Offers other = remediate(portfolio, rows, aim, costs, levers);
    REQUIRE(one.offers.size() == other.offers.size());
    int reached = 0;
    for (std::size_t k = 0; k < one.offers.size(); ++k) {
        const double step = levers[one.offers[k].lever].step;
        const double ceiling = levers[one.offers[k].lever].amount;
        const double next = std::ceil(one.offers[k].required / step - 1e-9) * step;
        if (one.offers[k].required <= ceiling) {
            ++reached;
            CHECK(other.offers[k].amount == doctest::Approx(std::min(next, ceiling)));
            CHECK(other.offers[k].reaches());
            CHECK(other.offers[k].temperature_after >= aim - 1e-12);
        } else {
            CHECK(other.offers[k].amount == ceiling);
            CHECK(other.offers[k].required == doctest::Approx(next));
        }
    }
    CHECK(reached >= 20);
}

TEST_CASE("a package: the least burden of all combinations that reach, against enumeration") {
    const CostModel costs = costs_with_kilometres();
    const Portfolio portfolio = company_with_orders(60, 4, costs);
    const std::vector<std::size_t> rows = cold(portfolio, 0.15);
    Terms fee = stepped(Terms::delivery_fee(20), 5);
    fee.outside_share = true;
    const Terms order = stepped(Terms::minimum_order(1'500), 250);
    const Terms price = stepped(Terms::price(0.03), 0.005);
    const std::vector<Terms> levers{Terms::package({fee, order, price})};
    const Acceptance prior{0.7, 10};
    int reached = 0;
    int missed = 0;
    for (const Objective objective : {Objective::reach, Objective::expected}) {
        const Offers offers =
            remediate(portfolio, rows, 0.15, costs, levers, {.acceptance = prior, .objective = objective});
        CHECK(offers.offers.size() == rows.size());
        for (const Offer& offer : offers.offers) {
            const Position before = position_of(portfolio, offer.customer);
            double least = std::numeric_limits<double>::infinity();
            double warmest = -1;
            double most = 0;
            for (int a = 0; a <= 4; ++a) {
                for (int b = 0; b <= 6; ++b) {
                    for (int c = 0; c <= 6; ++c) {
                        std::vector<Terms> parts;
                        if (a > 0) parts.push_back(fee.with_amount(5 * a));
                        if (b > 0) parts.push_back(order.with_amount(250 * b));
                        if (c > 0) parts.push_back(price.with_amount(std::min(0.03, 0.005 * c)));
                        if (parts.empty()) continue;
                        const Outcome tried =
                            outcome(Terms::package(parts), before, costs, portfolio.columns().driver_names);
                        if (tried.temperature >= 0.15 - 1e-12) least = std::min(least, tried.burden);
                        warmest = std::max(warmest, tried.temperature);
                        most = std::max(most, prior.probability(tried.burden) * tried.heat_change);
                    }
                }
            }
            if (objective == Objective::expected) {
                CHECK(offer.expected_heat_change == doctest::Approx(most).epsilon(1e-9));
            } else if (offer.reaches()) {
                ++reached;
                CHECK(offer.burden == doctest::Approx(least).epsilon(1e-9));
            } else {
                ++missed;
                CHECK(std::isinf(least));
                CHECK(offer.temperature_after == doctest::Approx(warmest).epsilon(1e-9));
            }
        }
    }
    CHECK(reached >= 10);
    CHECK(missed > 5);
    // Without steps the charges fill the gap exactly: the fee first, since nothing of it is passed on.
    const std::vector<Terms> exact{Terms::package({Terms::price(0.3), [] {
                                                       Terms one = Terms::delivery_fee(20);
                                                       one.outside_share = true;
                                                       return one;
                                                   }()})};
    for (const Offer& offer : remediate(portfolio, rows, 0.15, costs, exact).offers) {
        if (!offer.reaches()) continue;
        CHECK(offer.temperature_after == doctest::Approx(0.15).epsilon(1e-9));
        if (!std::isnan(offer.parts[0])) CHECK(offer.parts[1] == 20);
    }
}

TEST_CASE("expected heat: the offered amount is worth at least as much as any other") {
    const CostModel costs = costs_with_kilometres();
    const Portfolio portfolio = company_with_orders(120, 5, costs);
    const std::vector<std::size_t> rows = cold(portfolio, aim);
    const Acceptance prior{0.6, 40};
    const std::vector<Terms> levers{Terms::delivery_fee(60), Terms::price(0.2, -0.5),
                                    stepped(Terms::minimum_order(3'000, 0.4), 100)};
    const Offers offers =
        remediate(portfolio, rows, aim, costs, levers, {.acceptance = prior, .objective = Objective::expected});
    int inside = 0;
    for (const Offer& offer : offers.offers) {
        const Terms& lever = levers[offer.lever];
        const Position before = position_of(portfolio, offer.customer);
        inside += offer.amount < 0.99 * lever.amount ? 1 : 0;
        for (int k = 1; k <= 30; ++k) {
            const Outcome tried =
                outcome(lever.with_amount(lever.amount * k / 30), before, costs, portfolio.columns().driver_names);
            CHECK(prior.probability(tried.burden) * tried.heat_change <= offer.expected_heat_change + 1e-6);
        }
        CHECK(offer.reaches() == (offer.temperature_after >= aim - 1e-12));
    }
    CHECK(inside > 30);
}

TEST_CASE("payment terms, channels and charges by hand") {
    CostModel costs;
    costs.pool("office", 1'000, 1'000).activity("order", "office", "10 + 2*lines").avoidable("office", 0.5);
    costs.credit_rate(0.1);
    const Position before{{36'500, 30'000, 20, 100, 0, {}}, 1'000, {}, 60};
    // A day less is worth 10: 36.5 less bring 365.
    const Terms payment = Terms::payment_term(20, 0);
    const Required days = required_terms(payment, before, 1'365.0 / 36'500, costs);
    CHECK(days.amount == doctest::Approx(23.5).epsilon(1e-12));
    CHECK(required_terms(stepped(payment, 10), before, 1'365.0 / 36'500, costs).best == 20);
    CHECK(required_terms(stepped(payment, 10), before, 1'100.0 / 36'500, costs).best == 50);
    CHECK(outcome(Terms::payment_term(20, 0), before, costs).full_change == doctest::Approx(400));
    CHECK(to_string(required_terms(Terms::payment_term(70), before, 0.05, costs).shortfall, payment) ==
          "pays within 60 days already");
    // 20 orders take 10 + 2 minutes a line, 400 in all; through the shop 3 each.
    const Terms shop = Terms::order_channel("order", 3);
    const Outcome cheaper = outcome(shop, before, costs);
    CHECK(cheaper.full_change == 400 - 60);
    CHECK(cheaper.heat_change == 0.5 * (400 - 60));
    CHECK(cheaper.minutes_freed == std::vector<double>{340});
    CHECK(required_terms(shop, before, 1'300.0 / 36'500, costs).best == 3);
    CHECK_THROWS_AS(outcome(Terms::order_channel("phone", 3), before, costs), NotFoundError);
    // A charge outside of the revenue share stays whole.
    CostModel share;
    share.revenue_share(0.4);
    Terms charge = Terms::service_charge(100);
    CHECK(outcome(charge, before, share).full_change == doctest::Approx(720));
    charge.outside_share = true;
    CHECK(outcome(charge, before, share).full_change == 1'200);
    CHECK(required_terms(charge, before, 1'000.0 / 36'500 + 0.01, share).best ==
          doctest::Approx(365.0 / (12 * (1 - 1'000.0 / 36'500 - 0.01))));
}

TEST_CASE("products of drivers of a delivery follow the orders that are merged") {
    CostModel costs;
    costs.pool("office", 1'000, 1'000).activity("order", "office", "5 + 3*lines + 10*rush*lines");
    Orders orders;
    orders.begin = {0, 3};
    orders.day = {0, 1, 2};
    orders.kind = {1, 1, 1};
    orders.amount = {100, 100, 100};
    orders.lines = {2, 3, 4};
    orders.driver_names = {"rush"};
    orders.whole = {1};
    orders.drivers = Matrix(3, 1);
    orders.drivers(1, 0) = 1;
    const Position before{{300, 100, 3, 9, 0, {}}, 0, orders_of_customer(orders, 0, {0, 364})};
    // Two deliveries: {2, 3 rush} and {4}. 5 minutes less, and 10 x (5 - 3) more.
    const Outcome merged = outcome(Terms::minimum_order(200), before, costs);
    CHECK(merged.after.deliveries == 2);
    CHECK(merged.full_change == doctest::Approx(5 - 20));
    CHECK(merged.minutes_freed == std::vector<double>{-15});
    // A channel without the equation: today 3 x 5 + 3 x 9 + 10 x 3.
    CHECK(outcome(Terms::order_channel("order", 4), before, costs).full_change == doctest::Approx(72 - 12));
    const Position bare{before.volume, 0};
    CHECK_THROWS_WITH_AS(outcome(Terms::order_channel("order", 4), bare, costs),
                         "activity 'order' has minutes for products of drivers; they need the orders of the customers",
                         InputError);
}

TEST_CASE("a user's lever, a least heat, goods below cost, and what is refused") {
    const CostModel costs = costs_with_kilometres();
    const Portfolio portfolio = company_with_orders(80, 6, costs);
    const std::vector<std::size_t> rows = cold(portfolio, aim);
    // Pallets: kilometres fall by a tenth with every step.
    const auto pallets = [](const TermsInput& input, double amount) {
        TermsEffect effect{input.volume};
        effect.after.further[0] *= 1 - amount / 10;
        effect.burden = 0.002 * amount;
        return effect;
    };
    const std::vector<Terms> own{Terms::custom("pallets", pallets, 5, 1)};
    const Offers offers = remediate(portfolio, rows, aim, costs, own);
    CHECK(offers.offers.size() == rows.size());
    for (const Offer& offer : offers.offers) {
        const double saved = 0.15 * portfolio.columns().further(offer.customer, 0);
        CHECK(offer.full_change == doctest::Approx(saved * offer.amount).epsilon(1e-9));
    }
    const auto broken = [](const TermsInput& input, double) {
        TermsEffect effect{input.volume};
        effect.after.further.clear();
        return effect;
    };
    const std::vector<Terms> nonsense{Terms::custom("pallets", broken)};
    CHECK_THROWS_WITH_AS(remediate(portfolio, rows, aim, costs, nonsense),
                         doctest::Contains("own terms: pallets of 1.00: it returned 0 further drivers of 1"),
                         InputError);
    const std::vector<Terms> fee{Terms::delivery_fee(1)};
    const Offers worthwhile = remediate(portfolio, rows, aim, costs, fee, {.least_heat = 20});
    for (const Offer& offer : worthwhile.offers) CHECK(offer.heat_change >= 20);
    REQUIRE_FALSE(worthwhile.not_offered.empty());
    CHECK(worthwhile.reason(worthwhile.not_offered[0]).find("less than the least worthwhile heat of 20.00") !=
          std::string::npos);
    const std::vector<Terms> coarse{stepped(Terms::delivery_fee(5), 10)};
    CHECK_THROWS_WITH_AS(remediate(portfolio, rows, aim, costs, coarse),
                         "step of the delivery fee is 10, more than its ceiling of 5; it must not exceed it",
                         InputError);
    const std::vector<Terms> fine{stepped(Terms::delivery_fee(5), 1e-9)};
    CHECK_THROWS_AS(remediate(portfolio, rows, aim, costs, fine), InputError);
    const std::vector<Terms> large{
        Terms::package({stepped(Terms::minimum_order(3'000), 1), stepped(Terms::price(0.03, -1), 0.0005)})};
    CHECK_THROWS_WITH_AS(remediate(portfolio, rows, aim, costs, large), doctest::Contains("larger steps are needed"),
                         InputError);
    // Goods that sell below their cost, also on the new terms.
    const Position loss{{1'000, 1'500, 4, 4, 4, {}}, -700};
    CHECK(outcome(Terms::price(0.1), loss, CostModel{}).below_cost);
    CHECK_FALSE(outcome(Terms::price(0.6), loss, CostModel{}).below_cost);
}
