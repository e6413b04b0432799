// Tests of the baseline of a company: its parts, the same bits for any number of threads, and its answers to bad input.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "custfolio/distribution/nonnegative_amount.hpp"
#include "custfolio/lifetime.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/selection.hpp"

using namespace custfolio;

namespace {

/// Deliveries of 60 customers over four years: most buy monthly, every third one now and then.
struct Company {
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> day;
    std::vector<double> revenue, cost, kilometres;

    explicit Company(Month last = Month(std::chrono::year{2021} / 12)) {
        std::mt19937 random(5);
        std::uniform_real_distribution<double> share(0.0, 1.0);
        for (Month month(std::chrono::year{2018} / 1); month <= last; month = month + 1) {
            for (std::int32_t who = 0; who < 60; ++who) {
                const double size = 100.0 * (1 + who) * (0.7 + 0.6 * share(random));
                const DayNumber when = month.first_day() + static_cast<int>(28 * share(random));
                if (who % 3 == 0 && share(random) > 0.4) continue;
                customer.push_back(who);
                day.push_back(when);
                revenue.push_back(size);
                cost.push_back(size * (0.6 + 0.2 * share(random)));
                kilometres.push_back(5.0 + who);
            }
        }
    }
    [[nodiscard]] LedgerView view() const {
        LedgerView ledger{customer, day, revenue, cost};
        ledger.drivers = {{"kilometres", kilometres}};
        return ledger;
    }
};

CostModel costs() {
    CostModel model;
    model.rate(Driver::deliveries, 12.0).rate("kilometres", 0.5).revenue_share(0.05);
    return model;
}

constexpr Month start{std::chrono::year{2022} / 1};

}  // namespace

TEST_CASE("the baseline has the same bits for any number of threads, and reads nothing from its start on") {
    const Company company;
    const Portfolio portfolio = statement(company.view(), costs()).portfolio();
    for (const bool reconcile : {false, true}) {
        BaselineOptions options;
        options.reconcile = reconcile;
        options.threads = 1;
        std::vector<double> shares;
        options.progress = [&](double share) { shares.push_back(share); };
        const Baseline one = baseline(company.view(), costs(), portfolio, start, 14, options);
        CHECK(std::is_sorted(shares.begin(), shares.end()));
        CHECK(shares.back() == 1.0);
        options.threads = 4;
        const Company longer(start + 5);
        const Baseline four = baseline(longer.view(), costs(), portfolio, start, 14, options);
        CHECK(one.level == four.level);
        CHECK(one.heat == four.heat);
        CHECK(one.variance == four.variance);
        CHECK(one.joint.common == four.joint.common);
        CHECK(one.joint.correlation == four.joint.correlation);
        CHECK(one.joint.own_correlation == four.joint.own_correlation);
        CHECK(one.never_negative == four.never_negative);
        CHECK(one.method == four.method);
        one.check(portfolio, start, 14);
    }
}

TEST_CASE("the company's months are the sums of its customers, with its own band") {
    Baseline baseline;
    baseline.level = Matrix(2, 2);
    baseline.heat = Matrix(2, 2);
    for (std::size_t i = 0; i < 2; ++i) {
        baseline.level(i, 0) = 100.0 * static_cast<double>(i + 1);
        baseline.level(i, 1) = -50;
        baseline.heat(i, 0) = 15;
        baseline.heat(i, 1) = -20;
    }
    CHECK(std::isnan(baseline.company().quantile[0][0]));
    CHECK(baseline.level_covariance().rows() == 0);
    CHECK(baseline.heat_deviation().empty());
    baseline.joint = {{0.1, 0.1}, 0.25};
    const CompanyMonths found = baseline.company();
    CHECK(found.level == Column{300, -100});
    CHECK(found.heat == Column{30, -40});
    CHECK(found.temperature[0] == doctest::Approx(0.1));
    CHECK(std::isnan(found.temperature[1]));
    constexpr double z = 1.2815515655446004;
    CHECK(found.quantile[0][0] == doctest::Approx(300 - z * 30));
    CHECK(found.quantile[0][1] ==
          doctest::Approx(-100 - z * 10));  // P10 lies below the level, also where it is negative
    CHECK(found.quantile[1][1] == -100);
    CHECK(found.quantile[2][1] == doctest::Approx(-100 + z * 10));
    CHECK(baseline.level_covariance()(0, 1) == doctest::Approx(0.25 * 30 * 10));
}

TEST_CASE("the band of a company whose level cannot be below 0 is not below 0") {
    Baseline baseline;
    baseline.level = baseline.heat = Matrix(2, 2, 100.0);
    baseline.variance = Matrix(2, 2, 400.0);
    baseline.joint = {{1.5, 0.05}, 0.5, 0.1};
    const CompanyMonths any = baseline.company();
    CHECK(any.quantile[0][0] < 0);
    baseline.never_negative = {true, false};
    CHECK_FALSE(baseline.all_never_negative());
    CHECK(baseline.company().quantile == any.quantile);
    baseline.never_negative = {true, true};
    const CompanyMonths found = baseline.company();
    const double deviation = std::sqrt(baseline.level_covariance()(0, 0));
    CHECK(found.quantile[0][0] == nonnegative_quantile(200, deviation, 0.1));
    CHECK(found.quantile[0][0] >= 0);
    CHECK(found.quantile[2][0] == nonnegative_quantile(200, deviation, 0.9));
    // A narrow band is that of the normal distribution.
    CHECK(found.quantile[0][1] == doctest::Approx(any.quantile[0][1]).epsilon(1e-9));
}

TEST_CASE("the correlation of the customers' own errors is that of their back-tests, pooled") {
    // Customers whose level drifts away for good, and customers without memory.
    for (const bool drifting : {true, false}) {
        std::mt19937 random(drifting ? 3 : 4);
        std::normal_distribution<double> normal(0.0, 1.0);
        constexpr std::size_t customers = 60;
        constexpr std::size_t months = 40;
        Matrix history(customers, months);
        for (std::size_t i = 0; i < customers; ++i) {
            double level = 1000.0 * static_cast<double>(1 + i);
            for (std::size_t t = 0; t < months; ++t) {
                if (drifting) level *= std::exp(0.1 * normal(random));
                history(i, t) = level * std::exp((drifting ? 0.02 : 0.2) * normal(random));
            }
        }
        LevelOptions options;
        options.horizon = 6;
        const TradingDays none({}, {}, start, months);
        const CompanyBand band = company_band(history, none, options);
        double products = 0, squares = 0, pairs = 0, errors = 0;
        // Every third origin whose half a year reaches into the last year.
        for (std::size_t origin = months - 12 - 6 + 1; origin < months; origin += 3) {
            Matrix known(customers, origin);
            for (std::size_t i = 0; i < customers; ++i) {
                for (std::size_t t = 0; t < origin; ++t) known(i, t) = history(i, t);
            }
            const LevelForecast forecast = forecast_levels(known, options);
            const auto error = [&](std::size_t i, std::size_t h) {
                double variance = 0;
                for (std::size_t m = 0; m < 6; ++m) variance += forecast.variance(i, m) / 6;
                return (history(i, origin + h) - forecast.level(i, h)) / std::sqrt(variance);
            };
            const auto counts = [&](std::size_t h) { return origin + h < months && origin + h + 12 >= months; };
            for (std::size_t i = 0; i < customers; ++i) {
                for (std::size_t a = 0; a < 6; ++a) {
                    if (!counts(a)) continue;
                    squares += error(i, a) * error(i, a);
                    ++errors;
                    for (std::size_t b = 0; b < a; ++b) {
                        if (!counts(b)) continue;
                        products += error(i, a) * error(i, b);
                        ++pairs;
                    }
                }
            }
        }
        const double expected = std::clamp(products / pairs / (squares / errors), 0.0, 1.0);
        CHECK(band.own_correlation == doctest::Approx(expected).epsilon(1e-9));
        CHECK((band.own_correlation > 0.4) == drifting);
    }
}

TEST_CASE("customers' own errors with another correlation leave the company's covariances as they are") {
    Matrix level(4, 6, 100.0);
    Matrix variance(4, 6, 900.0);
    variance(2, 3) = 0.0;
    CompanyBand band;
    band.deviation.assign(6, 0.2);
    band.correlation = 0.4;
    const auto sums_of = [&](double own) {
        band.own_correlation = own;
        Baseline baseline;
        baseline.level = baseline.heat = level;
        baseline.variance = variance;
        baseline.joint = joint_error(band, level, variance);
        CHECK(baseline.joint.own_correlation == own);
        const Matrix covariance = baseline.level_covariance();
        std::array<double, 2> sums{};
        for (std::size_t a = 0; a < 6; ++a) {
            for (std::size_t b = 0; b < 6; ++b) sums[a == b ? 0 : 1] += covariance(a, b);
        }
        return sums;
    };
    const std::array<double, 2> same = sums_of(0.4);
    for (const double own : {0.0, 0.2, 0.6}) {
        const std::array<double, 2> sums = sums_of(own);
        CHECK(sums[0] == doctest::Approx(same[0]).epsilon(1e-12));
        CHECK(sums[1] == doctest::Approx(same[1]).epsilon(1e-12));
    }
    // What customers share cannot be correlated below 0.
    band.correlation = 0.0;
    const std::array<double, 2> wide = sums_of(0.9);
    CHECK(wide[1] > 0);
}

TEST_CASE("the joint error has the company's deviation, and at least that of independent customers") {
    Matrix level(3, 2, 100.0);
    level(2, 1) = -100.0;
    Matrix variance(3, 2, 36.0);
    CompanyBand band;
    band.deviation = {0.1, 0.1};
    band.correlation = band.own_correlation = 0.5;
    for (const double deviation : {0.01, 0.03, 0.1}) {
        band.deviation.assign(2, deviation);
        Baseline baseline;
        baseline.level = baseline.heat = level;
        baseline.variance = variance;
        baseline.joint = joint_error(band, level, variance);
        const Matrix covariance = baseline.level_covariance();
        // The variance of a month is in proportion to its level: 300 and 100 around a mean of 200.
        for (std::size_t m = 0; m < 2; ++m) {
            const double wanted = deviation * deviation * (m == 0 ? 300.0 : 100.0) * 200.0;
            CHECK(covariance(m, m) == doctest::Approx(std::max(wanted, 3 * 36.0)));
            // What a customer has of its own and what it shares are its variance.
            const double shared = baseline.joint.common[m] * 100.0;
            CHECK(std::hypot(shared, baseline.own_deviation(0, m)) ==
                  doctest::Approx(6.0).epsilon(deviation < 0.05 ? 1e-12 : 1));
        }
        CHECK(covariance(0, 1) == doctest::Approx(0.5 * std::sqrt(covariance(0, 0) * covariance(1, 1))).epsilon(0.2));
    }
    // A band far wider than the level is not known either.
    for (const double unknown : {std::numeric_limits<double>::quiet_NaN(), 3.1}) {
        band.deviation[1] = unknown;
        CHECK_FALSE(joint_error(band, level, variance).known());
    }
    // A company of one customer has the company's deviation, and one month alone does not show a correlation.
    band.deviation = {0.1};
    band.correlation = std::numeric_limits<double>::quiet_NaN();
    Baseline one;
    one.level = one.heat = Matrix(1, 1, 100.0);
    one.variance = Matrix(1, 1, 4.0);
    one.joint = joint_error(band, one.level, one.variance);
    CHECK(one.joint.correlation == 1.0);
    CHECK(one.joint.own_correlation == 0.5);
    CHECK(one.level_covariance()(0, 0) == doctest::Approx(100.0));
}

TEST_CASE("heat is level times the temperature of the months that statements of single months have") {
    const Company company;
    const Portfolio portfolio = statement(company.view(), costs()).portfolio();
    const Baseline found = baseline(company.view(), costs(), portfolio, start, 3);
    Matrix levels(portfolio.size(), 24);
    Matrix heats(portfolio.size(), 24);
    for (int k = 0; k < 24; ++k) {
        const Month month = start + (k - 24);
        const Statement stated = statement(company.view(), costs(), {month.first_day(), month.last_day()});
        const PortfolioColumns& columns = stated.portfolio().columns();
        for (std::size_t i = 0; i < columns.id.size(); ++i) {
            levels(portfolio.index(columns.id[i]), static_cast<std::size_t>(k)) = columns.revenue[i];
            heats(portfolio.index(columns.id[i]), static_cast<std::size_t>(k)) = columns.contribution[i];
        }
    }
    const std::vector<std::int32_t> segment(portfolio.size(), 0);
    const ShrunkTemperature slow = shrink_temperature(levels, heats, segment, 1);
    CHECK(found.temperature.expected == slow.expected);
    CHECK(found.temperature.observed == slow.observed);
    for (std::size_t i = 0; i < portfolio.size(); ++i) {
        CHECK(found.heat(i, 2) == found.level(i, 2) * slow.expected[i]);
    }
}

TEST_CASE("a driver that the ledger does not have lowers the temperature by its share of revenue") {
    const Company company;
    CostModel model = costs();
    model.rate("visits", 40.0);
    std::vector<double> visits(60, 0.0);
    visits[7] = 3.0;
    StatementOptions with;
    with.drivers = {{"visits", visits}};
    const Period year{(start + -12).first_day(), start.first_day() - 1};
    const Portfolio portfolio = statement(company.view(), model, year, 1, with).portfolio();
    const Portfolio without = statement(company.view(), costs(), year).portfolio();
    const Baseline visited = baseline(company.view(), model, portfolio, start, 6);
    const Baseline plain = baseline(company.view(), costs(), without, start, 6);
    const std::size_t row = portfolio.index("7");
    const double share = 3.0 * 40.0 / portfolio.columns().revenue[row];
    CHECK(visited.temperature.expected[row] == doctest::Approx(plain.temperature.expected[row] - share).epsilon(1e-12));
    CHECK(visited.level == plain.level);
}

TEST_CASE("a forecast brought in replaces level, heat and variance where it is known") {
    const Company company;
    const Portfolio portfolio = statement(company.view(), costs()).portfolio();
    const double none = std::numeric_limits<double>::quiet_NaN();
    BaselineOptions options;
    options.brought_in = {std::vector<bool>(portfolio.size(), false), Matrix(portfolio.size(), 2, none),
                          Matrix(portfolio.size(), 2, none), Matrix(portfolio.size(), 2, none)};
    options.brought_in.known[3] = true;
    options.brought_in.level(3, 0) = 500.0;
    options.brought_in.level(3, 1) = 700.0;
    options.brought_in.heat(3, 1) = 99.0;
    options.brought_in.variance(3, 0) = 16.0;
    const Baseline found = baseline(company.view(), costs(), portfolio, start, 2, options);
    const Baseline plain = baseline(company.view(), costs(), portfolio, start, 2);
    CHECK(found.level(3, 1) == 700.0);
    CHECK(found.heat(3, 0) == 500.0 * plain.temperature.expected[3]);
    CHECK(found.heat(3, 1) == 99.0);
    CHECK(found.variance(3, 0) == 16.0);
    CHECK(found.variance(3, 1) == plain.variance(3, 1));
    CHECK(found.method[3] == "brought in");
    CHECK(found.level(4, 1) == plain.level(4, 1));
}

TEST_CASE("what a baseline cannot be made of is named") {
    const Company company;
    const Portfolio portfolio = statement(company.view(), costs()).portfolio();
    const auto made = [&](Month first, int months, const Portfolio& of, const BaselineOptions& options = {}) {
        return baseline(company.view(), costs(), of, first, months, options);
    };
    CHECK_THROWS_WITH_AS(made(start, 0, portfolio), doctest::Contains("months is 0"), InputError);
    CHECK_THROWS_WITH_AS(made(Month(std::chrono::year{2018} / 1), 3, portfolio),
                         doctest::Contains("no row before 2018-01"), InputError);
    CHECK_THROWS_WITH_AS(made(start, 3, Portfolio()), doctest::Contains("no customers"), InputError);
    PortfolioColumns columns;
    columns.id = {"stranger"};
    columns.revenue = {1.0};
    columns.contribution = {0.5};
    CHECK_THROWS_WITH_AS(made(start, 3, Portfolio(columns)), doctest::Contains("'stranger'"), InputError);
    const std::vector<std::int32_t> short_segment(2, 0);
    BaselineOptions options;
    options.segment = short_segment;
    CHECK_THROWS_WITH_AS(made(start, 3, portfolio, options), doctest::Contains("2 segments for 60"), InputError);
    options.segment = {};
    options.progress = [](double share) {
        if (share > 0.5) throw std::runtime_error("cancelled");
    };
    CHECK_THROWS_WITH(made(start, 3, portfolio, options), "cancelled");
}

TEST_CASE("like for like, newcomers are no growth") {
    Matrix history(3, 36);
    for (std::size_t t = 0; t < 36; ++t) {
        history(0, t) = 100.0 * (t < 12 ? 1.0 : t < 24 ? 1.1 : 1.21);
        history(1, t) = t < 24 ? 0.0 : 50.0;  // began in the third year
        history(2, t) = t < 20 ? 70.0 : 0.0;  // left in the second
    }
    const std::vector<std::int32_t> segment(3, 0);
    const Matrix found = like_for_like(history, segment, 1, history);
    CHECK(found(0, 30) == doctest::Approx(171.0));
    CHECK(found(0, 22) == doctest::Approx(171.0 / 1.1));
}

TEST_CASE("the history of a baseline has whole months only") {
    // Two customers buy every other day from 10 March 2019 to 12 May 2021; a third is new in May.
    std::vector<std::int32_t> customer;
    std::vector<DayNumber> day;
    std::vector<double> revenue;
    const DayNumber first = Month(std::chrono::year{2019} / 3).first_day() + 9;
    const DayNumber last = Month(std::chrono::year{2021} / 5).first_day() + 11;
    for (DayNumber one = first; one <= last; ++one) {
        customer.push_back(one % 2);
        day.push_back(one);
        revenue.push_back(10.0);
    }
    customer.push_back(2);
    day.push_back(last);
    revenue.push_back(10.0);
    const std::vector<double> cost(revenue.size(), 4.0);
    const LedgerView ledger{customer, day, revenue, cost};
    const Portfolio portfolio =
        statement(ledger, {}, {Month(std::chrono::year{2021} / 1).first_day(), last}).portfolio();
    const Month june(std::chrono::year{2021} / 6);
    const Baseline found = baseline(ledger, {}, portfolio, june, 3);
    CHECK(found.history_start == Month(std::chrono::year{2019} / 4));
    CHECK(found.history.size() == 25);  // April 2019 to April 2021
    const auto notes_of_parts = std::ranges::count_if(
        found.notes, [](const std::string& note) { return note.starts_with("the ledger has 20"); });
    CHECK(notes_of_parts == 2);
    for (std::size_t m = 0; m < 3; ++m) {
        CHECK(found.level(0, m) + found.level(1, m) == doctest::Approx(305.0).epsilon(0.03));
        CHECK(found.level(2, m) == 0.0);
    }
    // The months before are the same as without the days of May.
    const std::size_t before = static_cast<std::size_t>((june + -1).first_day() - first);
    const auto rows = [&](auto& column) { return std::span(column).first(before); };
    const LedgerView shorter{rows(customer), rows(day), rows(revenue), rows(cost)};
    const Portfolio two = statement(shorter, {}).portfolio();
    const Baseline april = baseline(shorter, {}, two, june, 3);
    for (std::size_t m = 0; m < 3; ++m) CHECK(april.level(0, m) == found.level(0, m));
    // The user states that the ledger is closed to the end of May.
    const Portfolio may = statement(ledger, {}, {first, (june + -1).last_day()}).portfolio();
    CHECK(baseline(ledger, {}, may, june, 3).history.size() == 25);  // 19 days without a row are too many
    CHECK_THROWS_WITH_AS(baseline(ledger, {}, portfolio, Month(std::chrono::year{2019} / 4), 3),
                         doctest::Contains("has no whole month before 2019-04"), InputError);
}
