// Tests of uncertain temperatures: against simulated rates and months, at their bounds, and with bad input.
#include "custfolio/selection/uncertainty.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/math/errors.hpp"
#include "custfolio/math/variates.hpp"

using namespace custfolio;

namespace {

// Customers with different drivers over a year; the last has returns and no revenue.
struct SoldYear {
    std::vector<std::int32_t> customer{};
    std::vector<DayNumber> day{};
    std::vector<double> revenue{}, cost{}, quantity{};

    SoldYear() {
        for (std::int32_t who = 0; who < 4; ++who) {
            for (int k = 0; k < 6 + 6 * who; ++k) {
                customer.push_back(who);
                day.push_back(18628 + (k * 59 + who * 17) % 365);
                revenue.push_back(300.0 + 40.0 * who);
                cost.push_back(200.0 + 10.0 * (k % 3));
                quantity.push_back(10.0 + who);
            }
        }
        customer.push_back(4);
        day.push_back(18700);
        revenue.push_back(-50.0);
        cost.push_back(-40.0);
        quantity.push_back(-2.0);
    }
    [[nodiscard]] LedgerView view() const {
        return {.customer = customer, .day = day, .revenue = revenue, .cost = cost, .quantity = quantity};
    }
};

CostModel rated_costs(double delivery = 40, double line = 6, double unit = 1.5) {
    CostModel costs;
    costs.rate(Driver::deliveries, delivery).rate(Driver::lines, line).rate(Driver::quantity, unit).revenue_share(0.05);
    return costs;
}

// Customers whose months come from the model of the shrinkage: true temperatures, months, and their noise.
struct SimulatedMonths {
    CustomerMonths months{};
    std::vector<double> truth{};
    std::vector<std::int32_t> segment{};

    SimulatedMonths(std::size_t customers, std::uint64_t seed)
        : months{Matrix(customers, 12), Matrix(customers, 12)}, truth(customers), segment(customers) {
        for (std::size_t i = 0; i < customers; ++i) {
            math::VariateStream draw(seed, i);
            segment[i] = static_cast<std::int32_t>(i % 2);
            truth[i] = 0.03 + 0.05 * segment[i] + 0.04 * draw.normal();
            for (std::size_t t = 0; t < 12; ++t) {
                const double level = 20.0 + 200.0 * draw.uniform();
                months.level(i, t) = level;
                months.heat(i, t) = level * (truth[i] + draw.normal() * std::sqrt(1.2 / level));
            }
        }
    }
    // A statement of the same customers: a row a month, without any cost to serve.
    [[nodiscard]] Statement stated() const {
        std::vector<std::int32_t> customer;
        std::vector<DayNumber> day;
        std::vector<double> revenue, cost;
        for (std::size_t i = 0; i < truth.size(); ++i) {
            for (std::size_t t = 0; t < 12; ++t) {
                customer.push_back(static_cast<std::int32_t>(i));
                day.push_back(18628 + 30 * static_cast<DayNumber>(t));
                revenue.push_back(months.level(i, t));
                cost.push_back(months.level(i, t) - months.heat(i, t));
            }
        }
        return statement({.customer = customer, .day = day, .revenue = revenue, .cost = cost});
    }
};

}  // namespace

TEST_CASE("uncertain: the chance is that of simulated rates") {
    const SoldYear year;
    const Statement stated = statement(year.view(), rated_costs());
    const Uncertainty found = uncertain(stated, rated_costs(), {.target = 0.05, .rates = 0.2});
    constexpr std::size_t draws = 4000;
    std::array<double, 5> below{};
    std::array<double, 5> squares{};
    math::VariateStream draw(7, 0);
    for (std::size_t k = 0; k < draws; ++k) {
        const CostModel costs =
            rated_costs(40 * std::max(0.0, 1 + 0.2 * draw.normal()), 6 * std::max(0.0, 1 + 0.2 * draw.normal()),
                        1.5 * std::max(0.0, 1 + 0.2 * draw.normal()));
        const Statement other = statement(year.view(), costs);
        for (std::size_t i = 0; i < 5; ++i) {
            const double revenue = other.portfolio().columns().revenue[i];
            const double heat = other.portfolio().columns().contribution[i];
            below[i] += (revenue > 0 ? heat / revenue < 0.05 : heat < 0) ? 1.0 / draws : 0.0;
            if (revenue > 0) squares[i] += std::pow(heat / revenue - found.temperature[i], 2) / draws;
        }
    }
    for (std::size_t i = 0; i < 5; ++i) {
        CAPTURE(i);
        CHECK(found.probability_below[i] == doctest::Approx(below[i]).epsilon(0.03));
        if (i == 4) continue;
        CHECK(found.deviation[i] == doctest::Approx(std::sqrt(squares[i])).epsilon(0.05));
        CHECK(found.p10[i] == doctest::Approx(found.temperature[i] - 1.2815515655446004 * found.deviation[i]));
        CHECK(found.p90[i] == doctest::Approx(found.temperature[i] + 1.2815515655446004 * found.deviation[i]));
    }
    CHECK(std::isnan(found.temperature[4]));
    CHECK(std::isnan(found.p10[4]));
    CHECK(found.identity == stated.identity());
    CHECK(found.surely_warm() + found.surely_cold() + found.undecided() == 5);
}

TEST_CASE("uncertain: one rate deviates alone, and none leaves the temperature to decide") {
    const SoldYear year;
    const Statement stated = statement(year.view(), rated_costs());
    UncertaintyOptions options{.target = 0.05, .rates = 0};
    options.deviations = {{"lines", 0.5}};
    const Uncertainty one = uncertain(stated, rated_costs(), options);
    const PortfolioColumns& columns = stated.portfolio().columns();
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(one.deviation[i] == doctest::Approx(0.5 * 6 * columns.lines[i] / columns.revenue[i]));
    }
    const Uncertainty none = uncertain(stated, rated_costs(), {.target = 0.05, .rates = 0});
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(none.deviation[i] == 0);
        CHECK(none.probability_below[i] == (none.temperature[i] < 0.05 ? 1.0 : 0.0));
    }
    CHECK(none.undecided() == 0);
    CHECK(certainty_of(0.0499, false) == Certainty::sure);
    CHECK(certainty_of(0.05, false) == Certainty::undecided);
    CHECK(certainty_of(0.95, true) == Certainty::undecided);
    CHECK(certainty_of(0.9501, true) == Certainty::sure);
    // Own months shrink the temperature across the target: neither side is sure.
    CHECK(certainty_of(0.01, true) == Certainty::undecided);
    CHECK(certainty_of(0.99, false) == Certainty::undecided);
    CHECK(to_string(Certainty::undecided) == "undecided");
    CHECK_THROWS_AS(to_string(static_cast<Certainty>(9)), InputError);
}

TEST_CASE("uncertain: the intervals of own months cover 80 % of the true temperatures") {
    const SimulatedMonths made(4000, 11);
    UncertaintyOptions options{.target = 0.05, .rates = 0};
    options.months = made.months;
    options.segment = made.segment;
    const Uncertainty found = uncertain(made.stated(), {}, options);
    double covered = 0;
    double below = 0;
    double surely_wrong = 0;
    double sure = 0;
    for (std::size_t i = 0; i < made.truth.size(); ++i) {
        covered += found.p10[i] <= made.truth[i] && made.truth[i] <= found.p90[i] ? 1 : 0;
        below += found.probability_below[i] - (made.truth[i] < 0.05 ? 1.0 : 0.0);
        if (found.certainty[i] == Certainty::undecided) continue;
        ++sure;
        surely_wrong += (made.truth[i] < 0.05) == (found.probability_below[i] > 0.5) ? 0 : 1;
    }
    const auto customers = static_cast<double>(made.truth.size());
    CHECK(covered / customers == doctest::Approx(0.8).epsilon(0.025));
    CHECK(std::abs(below / customers) < 0.02);
    CHECK(sure > 0.3 * customers);
    CHECK(surely_wrong / sure < 0.05);
}

TEST_CASE("uncertain: variances of rates and months add up") {
    const SoldYear year;
    const Statement stated = statement(year.view(), rated_costs());
    const Uncertainty rates = uncertain(stated, rated_costs(), {.rates = 0.3});
    UncertaintyOptions options{.rates = 0};
    options.months = customer_months(stated, year.view(), rated_costs());
    const Uncertainty months = uncertain(stated, rated_costs(), options);
    options.rates = 0.3;
    const Uncertainty both = uncertain(stated, rated_costs(), options);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(both.expected[i] == months.expected[i]);
        CHECK(both.deviation[i] == doctest::Approx(std::hypot(rates.deviation[i], months.deviation[i])));
    }
}

TEST_CASE("customer_months: the months of a customer sum to its row of the statement") {
    const SoldYear year;
    const Statement stated = statement(year.view(), rated_costs(), {18660, 18900});
    const CustomerMonths found = customer_months(stated, year.view(), rated_costs());
    const PortfolioColumns& columns = stated.portfolio().columns();
    REQUIRE(found.level.cols() == static_cast<std::size_t>(stated.portfolio().period().months()));
    for (std::size_t i = 0; i < columns.id.size(); ++i) {
        double level = 0;
        double heat = 0;
        for (std::size_t t = 0; t < found.level.cols(); ++t) {
            CHECK(found.level(i, t) == doctest::Approx(columns.monthly_revenue(i, t)));
            level += found.level(i, t);
            heat += found.heat(i, t);
        }
        CHECK(level == doctest::Approx(columns.revenue[i]));
        CHECK(heat == doctest::Approx(columns.contribution[i]));
    }
}

TEST_CASE("uncertain: bad input is refused with its remedy, and a segment of one is stated") {
    const SoldYear year;
    const Statement stated = statement(year.view(), rated_costs());
    const auto refused = [&](const UncertaintyOptions& options, const char* text) {
        CHECK_THROWS_WITH_AS(uncertain(stated, rated_costs(), options), doctest::Contains(text), InputError);
    };
    refused({.target = 5}, "target is 5; it must be a fraction");
    refused({.rates = 25}, "the deviation of rates is 25; it must be a fraction from 0 to 1, 0.25 for 25 %");
    refused({.rates = std::numeric_limits<double>::quiet_NaN()}, "the deviation of rates is nan");
    refused({.deviations = {{"lines", -0.1}}}, "the deviation of lines is -0.1");
    refused({.deviations = {{"revenue share", 0.1}}}, "the revenue share is agreed");
    CHECK_THROWS_WITH_AS(uncertain(stated, rated_costs(), {.deviations = {{"luck", 0.1}}}), doctest::Contains("luck"),
                         NotFoundError);
    refused({.months = {Matrix(3, 12), Matrix(3, 12)}}, "for 5 customers");
    UncertaintyOptions once;
    once.months = {Matrix(5, 1, 10.0), Matrix(5, 1, 1.0)};
    refused(once, "no customer has sales in two months");
    UncertaintyOptions alone;
    alone.months = customer_months(stated, year.view(), rated_costs());
    alone.segment = {0, 1, 1, 1, 1};
    const Uncertainty found = uncertain(stated, rated_costs(), alone);
    CHECK(found.expected[0] == doctest::Approx(found.temperature[0]));
    alone.segment[2] = -1;
    refused(alone, "segment of row 2 is -1");
}
