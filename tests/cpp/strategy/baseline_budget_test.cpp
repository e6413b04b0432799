// Tests of the budget of a baseline: its bands against sums over all pairs of cells, and its answers to bad input.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "custfolio/budget.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/strategy.hpp"

namespace {

using custfolio::Baseline;
using custfolio::Matrix;

/// Three customers, one of them with returns, and new business over four months.
Baseline three_customers() {
    Baseline baseline;
    baseline.start = custfolio::Month(std::chrono::year{2022} / 2);
    baseline.level = baseline.heat = baseline.variance = Matrix(3, 4);
    for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t m = 0; m < 4; ++m) {
            const double sign = i == 2 && m == 1 ? -1.0 : 1.0;
            baseline.level(i, m) = sign * 100.0 * static_cast<double>(1 + i + m);
            baseline.heat(i, m) = baseline.level(i, m) * (0.1 + 0.05 * static_cast<double>(i));
            baseline.variance(i, m) = 400.0 * static_cast<double>(1 + i);
        }
    }
    baseline.joint = {{0.05, 0.1, 0.02, 0.0}, 0.3, 0.7};
    baseline.temperature.expected = {0.1, 0.15, 0.2};
    baseline.temperature.variance = {0.0001, 0.0004, 0.0};
    baseline.newcomers.level = {10.0, 20.0, 30.0, 40.0};
    baseline.newcomers.heat = {1.0, 2.0, 3.0, 4.0};
    baseline.newcomers.deviation = {5.0, 6.0, 7.0, 8.0};
    baseline.newcomers.heat_deviation = {0.6, 0.7, 0.8, 0.9};
    return baseline;
}

/// Variance of a sum of cells, pair by pair. The last row is new business.
double variance_of(const Baseline& baseline, bool heat, const std::vector<std::size_t>& rows,
                   const std::vector<std::size_t>& months) {
    double variance = 0;
    for (const std::size_t i : rows) {
        for (const std::size_t k : rows) {
            for (const std::size_t a : months) {
                for (const std::size_t b : months) {
                    if (i == 3 || k == 3) {
                        const auto& fresh = heat ? baseline.newcomers.heat_deviation : baseline.newcomers.deviation;
                        if (i == k) variance += fresh[a] * fresh[b];
                        continue;
                    }
                    const double correlation = a == b ? 1.0 : baseline.joint.correlation;
                    const double share_a = heat ? baseline.heat(i, a) / baseline.level(i, a) : 1.0;
                    const double share_b = heat ? baseline.heat(k, b) / baseline.level(k, b) : 1.0;
                    const double common_a = baseline.joint.common[a] * std::abs(baseline.level(i, a));
                    const double common_b = baseline.joint.common[b] * std::abs(baseline.level(k, b));
                    variance += correlation * common_a * common_b * share_a * share_b;
                    if (i != k) continue;
                    const double own_a = std::sqrt(std::max(baseline.variance(i, a) - common_a * common_a, 0.0));
                    const double own_b = std::sqrt(std::max(baseline.variance(i, b) - common_b * common_b, 0.0));
                    variance += (a == b ? 1.0 : baseline.joint.own_correlation) * own_a * own_b * share_a * share_b;
                    if (heat)
                        variance += baseline.level(i, a) * baseline.level(i, b) * baseline.temperature.variance[i];
                }
            }
        }
    }
    return variance;
}

}  // namespace

TEST_CASE("bands of a baseline's budget follow from all pairs of its cells") {
    const Baseline baseline = three_customers();
    const std::vector<std::string> customers{"a", "b", "c"};
    const std::vector<std::string> managers{"x", "y", "x"};
    const std::vector<custfolio::Dimension> dimensions{{"manager", custfolio::Labels::of(managers)}};
    const custfolio::LineItemBudget budget = custfolio::baseline_budget(baseline, customers, {}, dimensions);
    struct Case {
        std::string dimension, value;
        std::vector<std::size_t> rows;
    };
    const std::vector<Case> cases{{"manager", "x", {0, 2}}, {"manager", "y", {1}}, {"source", "new business", {3}}};
    for (const std::string measure : {"level", "heat"}) {
        for (const Case& one : cases) {
            custfolio::LineSelection selection{.measure = measure, .where = {{one.dimension, one.value}}};
            selection.first = baseline.start + 1;
            const double variance = variance_of(baseline, measure == "heat", one.rows, {1, 2, 3});
            CHECK(budget.distribution(selection).variance() == doctest::Approx(variance).epsilon(1e-3));
        }
        const std::vector<std::string> by{"year"};
        const custfolio::BudgetBands bands = budget.bands(by, {.measure = measure});
        const double half = (bands.quantiles[2][0] - bands.quantiles[0][0]) / 2 / 1.2815515655446004;
        CHECK(half * half == doctest::Approx(variance_of(baseline, measure == "heat", {0, 1, 2, 3}, {0, 1, 2, 3})));
    }
    // The company's months have the band of the baseline.
    const std::vector<std::string> month{"month"};
    const custfolio::BudgetBands level = budget.bands(month, {.measure = "level"});
    const custfolio::BudgetBands heat = budget.bands(month, {});
    for (std::size_t m = 0; m < 4; ++m) {
        CHECK(level.quantiles[2][m] == doctest::Approx(baseline.company().quantile[2][m]));
        CHECK(heat.quantiles[2][m] - heat.quantiles[1][m] ==
              doctest::Approx(1.2815515655446004 * baseline.heat_deviation()[m]));
    }
}

TEST_CASE("sums of amounts that cannot be below 0 have no band below 0, and the company that of its baseline") {
    Baseline baseline = three_customers();
    for (double& level : baseline.level.row(2)) level = std::abs(level);
    for (double& variance : baseline.variance.row(0)) variance = 250'000.0;
    for (double& variance : baseline.variance.row(1)) variance = 250'000.0;
    const std::vector<std::string> customers{"a", "b", "c"};
    const std::vector<std::string> by{"customer"};
    const std::vector<std::string> month{"month"};
    const auto level = [&](const std::vector<std::string>& names) {
        return custfolio::baseline_budget(baseline, customers).bands(names, {.measure = "level"});
    };
    const custfolio::BudgetBands normal = level(by);
    CHECK(normal.quantiles[0][0] < 0);
    baseline.never_negative = {true, false, true};
    const custfolio::BudgetBands some = level(by);
    CHECK(some.quantiles[0][0] == 0);
    CHECK(some.quantiles[0][1] == normal.quantiles[0][1]);
    CHECK(level(month).quantiles[0][0] == doctest::Approx(baseline.company().quantile[0][0]));
    baseline.never_negative = {true, true, true};
    const custfolio::BudgetBands months = level(month);
    for (std::size_t m = 0; m < 4; ++m) {
        for (std::size_t q = 0; q < 3; ++q) {
            CHECK(months.quantiles[q][m] == doctest::Approx(baseline.company().quantile[q][m]));
            CHECK(months.quantiles[q][m] >= 0);
        }
    }
    const custfolio::LineItemBudget budget = custfolio::baseline_budget(baseline, customers);
    const custfolio::LineSelection one{.measure = "level", .where = {{"customer", "a"}}};
    CHECK(budget.distribution(one).mean() == doctest::Approx(level(by).expected[0]));
    CHECK(budget.distribution(one).quantile(0.9) == doctest::Approx(level(by).quantiles[2][0]).epsilon(2e-3));
    // Costs and heat: costs cannot be below 0 either, their difference can.
    CHECK(budget.bands(by, {.measure = "costs"}).quantiles[0][0] >= 0);
    CHECK(budget.bands(by, {}).quantiles[0][0] < 0);
    // A deal beside it, and an amount that was closed.
    const std::vector<custfolio::LineItem> stated{
        {.month = baseline.start, .amount = 500.0, .source = "deal", .item = "x", .probability = 0.5},
        {.month = baseline.start, .amount = 30.0, .source = "actual"}};
    const custfolio::LineItemBudget both = budget + custfolio::LineItemBudget(custfolio::LineItems::of(stated));
    const custfolio::BudgetBands sum = both.bands(month, {.measure = "level", .probabilities = {0.001, 0.5}});
    CHECK(sum.quantiles[0][0] >= 29.9);
    const custfolio::Distribution all =
        both.distribution({.measure = "level", .first = baseline.start, .last = baseline.start});
    CHECK(all.mean() == doctest::Approx(baseline.company().level[0] + 10.0 + 530.0));
    // A market in which everything moves keeps the normal distribution.
    CHECK(budget.with_correlation(0.2).bands(by, {.measure = "level"}).quantiles[0][0] < 0);
    custfolio::LineItems wrong = budget.lines();
    wrong.amount[2] = -1.0;
    CHECK_THROWS_WITH_AS(wrong.check(), doctest::Contains("line 2: the amount is -1"), custfolio::InputError);
}

TEST_CASE("recent sales give a baseline's budget quantities and two accounts of costs, and the same bands") {
    const Baseline baseline = three_customers();
    const std::vector<std::string> customers{"a", "b", "c"};
    custfolio::PortfolioColumns columns{.id = {"b", "a"}};
    columns.revenue = {300.0, 100.0};
    columns.goods = {150.0, 0.0};
    columns.cost_to_serve = {50.0, 80.0};
    columns.contribution = {100.0, 20.0};
    columns.quantity = {60.0, 0.0};
    const custfolio::Portfolio sales(columns);
    const custfolio::LineItemBudget plain = custfolio::baseline_budget(baseline, customers);
    const custfolio::LineItemBudget budget = custfolio::baseline_budget(baseline, customers, {}, {}, &sales);
    const std::vector<std::string> by{"customer", "account"};
    const custfolio::BudgetTotals totals = budget.totals(by);
    const auto amount = [&](const std::string& customer, const std::string& account) {
        for (std::size_t g = 0; g < totals.groups.size; ++g) {
            if (totals.groups.keys[0][g] == customer && totals.groups.keys[1][g] == account) return totals.amount[g];
        }
        return std::nan("");
    };
    // a bought no goods; three quarters of the costs of b, and 150 of 280 of all costs, are goods.
    CHECK(amount("a", "cost of goods") == 0.0);
    CHECK(amount("b", "cost of goods") == doctest::Approx(0.75 * (1400.0 - 210.0)));
    CHECK(amount("b", "cost to serve") == doctest::Approx(0.25 * (1400.0 - 210.0)));
    CHECK(amount("(none)", "cost of goods") == doctest::Approx(150.0 / 280.0 * 90.0).epsilon(1e-4));
    const custfolio::LineItems& lines = budget.lines();
    const custfolio::Labels& customer = *lines.find("customer");
    for (std::size_t k = 0; k < lines.size(); ++k) {
        const bool units = customer[k] == "b" && lines.account()[k] != "cost to serve";
        const double level = 100.0 * static_cast<double>(2 + (lines.month[k] - baseline.start));
        CHECK(lines.quantity[k] == doctest::Approx(units ? level / 5.0 : 0.0));
    }
    const std::vector<std::string> month{"month"}, of_customer{"customer"};
    for (const std::string measure : {"level", "heat"}) {
        for (const auto& names : {month, of_customer}) {
            const custfolio::BudgetBands found = budget.bands(names, {.measure = measure});
            const custfolio::BudgetBands expected = plain.bands(names, {.measure = measure});
            for (std::size_t g = 0; g < expected.groups.size; ++g) {
                CHECK(found.quantiles[0][g] == doctest::Approx(expected.quantiles[0][g]).epsilon(1e-6));
                CHECK(found.quantiles[2][g] == doctest::Approx(expected.quantiles[2][g]).epsilon(1e-6));
            }
        }
    }
    columns.quantity.clear();
    const custfolio::Portfolio without(columns);
    CHECK_THROWS_WITH_AS((void)custfolio::baseline_budget(baseline, customers, {}, {}, &without),
                         doctest::Contains("no quantities or no costs of goods"), custfolio::InputError);
}

TEST_CASE("a budget of a baseline without a joint error has no band, and other lines keep theirs") {
    Baseline baseline = three_customers();
    baseline.joint = {};
    const std::vector<std::string> customers{"a", "b", "c"};
    const custfolio::LineItemBudget unknown = custfolio::baseline_budget(baseline, customers);
    const std::vector<custfolio::LineItem> stated{
        {.month = baseline.start, .amount = 50.0, .deviation = 2.0, .source = "stated"}};
    const custfolio::LineItemBudget both = unknown + custfolio::LineItemBudget(custfolio::LineItems::of(stated));
    const std::vector<std::string> by{"source"};
    const custfolio::BudgetBands bands = both.bands(by, {.measure = "level"});
    REQUIRE(bands.groups.keys[0].names == std::vector<std::string>{"baseline", "new business", "stated"});
    CHECK(std::isnan(bands.quantiles[0][0]));
    CHECK(std::isnan(bands.quantiles[2][1]));
    CHECK(bands.quantiles[2][2] == doctest::Approx(50.0 + 2.0 * 1.2815515655446004));
    CHECK_THROWS_WITH_AS((void)both.distribution(), doctest::Contains("the distribution is not known"),
                         custfolio::InputError);
}

TEST_CASE("what a budget of a baseline cannot be made of is named") {
    const Baseline baseline = three_customers();
    const std::vector<std::string> customers{"a", "b", "c"};
    const std::vector<std::string> two{"a", "b"};
    CHECK_THROWS_WITH_AS((void)custfolio::baseline_budget(baseline, two),
                         doctest::Contains("2 identities for 3 customers"), custfolio::InputError);
    const std::vector<custfolio::Dimension> dimensions{{"manager", custfolio::Labels::of(two)}};
    CHECK_THROWS_WITH_AS((void)custfolio::baseline_budget(baseline, customers, {}, dimensions),
                         doctest::Contains("labels of dimension manager"), custfolio::InputError);
    custfolio::LineItems lines = custfolio::baseline_budget(baseline, customers).lines();
    lines.error[5].correlation = 1.5;
    CHECK_THROWS_WITH_AS(lines.check(), doctest::Contains("line 5: the correlation between months is 1.5"),
                         custfolio::InputError);
    lines.error[5] = {.common = std::numeric_limits<double>::infinity()};
    CHECK_THROWS_WITH_AS(lines.check(), doctest::Contains("line 5: the common error"), custfolio::InputError);
    lines.error.pop_back();
    CHECK_THROWS_WITH_AS(lines.check(), doctest::Contains("column error"), custfolio::InputError);
}
