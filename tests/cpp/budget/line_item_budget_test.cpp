// Tests of budgets of lines from any source: totals that add up, and distributions beside slow computations.
#include "custfolio/budget/line_item_budget.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/math/normal.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

constexpr Month first_month{2022y / 1};

/// Plans that succeed in the first month or never, as a forecast that is known in full.
class TwoPlans final : public MonthlyAmounts {
  public:
    explicit TwoPlans(double correlation) : correlation_(correlation) {}
    bool one_key = false;  ///< Whether both plans have one key: "a/b" with plan "c", and "a" with plan "b/c".
    [[nodiscard]] std::size_t size() const override { return 2; }
    [[nodiscard]] Month start() const override { return first_month; }
    [[nodiscard]] int months() const override { return 2; }
    [[nodiscard]] std::string customer(std::size_t item) const override { return item == 0 ? "a" : "b"; }
    [[nodiscard]] std::string name(std::size_t item) const override {
        return one_key ? "a/b/c" : customer(item) + "/deal";
    }
    [[nodiscard]] double probability(std::size_t item) const override { return item == 0 ? 0.4 : 0.7; }
    [[nodiscard]] double expected(std::size_t item, int month, Payoff payoff) const override {
        return month == 0 ? probability(item) * amount(item, payoff) : 0;
    }
    [[nodiscard]] double correlation() const override { return correlation_; }
    [[nodiscard]] Distribution sum(const MonthlySum& asked, const SumOptions& options,
                                   double* /*standard_error*/) const override {
        std::vector<double> chance;
        std::vector<double> amounts;
        for (const std::size_t item : asked.items) {
            chance.push_back(asked.factor ? chance_given_factor(probability(item), correlation_, *asked.factor)
                                          : probability(item));
            amounts.push_back(amount(item, asked.payoff) * asked.shares.front());
        }
        if (asked.factor || correlation_ == 0) return sum_distribution(chance, amounts, options);
        return sum_distribution(chance, amounts, std::span(&correlation_, 1), options);
    }

  private:
    static double amount(std::size_t item, Payoff payoff) {
        const double revenue = item == 0 ? 1000 : 600;
        const double costs = item == 0 ? 650 : 400;
        return payoff == Payoff::revenue ? revenue : payoff == Payoff::costs ? costs : revenue - costs;
    }
    double correlation_;
};

std::vector<LineItem> usual_and_deals(double correlation_free_deviation) {
    std::vector<LineItem> lines;
    lines.push_back(
        {.month = first_month, .account = "revenue", .amount = 500, .deviation = correlation_free_deviation});
    lines.push_back({.month = first_month, .account = "costs", .amount = 300});
    for (int k = 0; k < 7; ++k) {
        const double chance = 0.1 + 0.07 * k;
        lines.push_back({.month = first_month,
                         .account = "revenue",
                         .amount = chance * (40.0 + 13 * k),
                         .source = "acquisition",
                         .item = "deal " + std::to_string(k),
                         .probability = chance});
    }
    return lines;
}

/// P(X <= amount) by numeric integration over the factor and enumeration of all outcomes.
double slow_cdf(double amount, double share, double plan_share, double deviation) {
    std::vector<double> chances;
    std::vector<double> amounts;
    std::vector<double> shares;
    for (int k = 0; k < 7; ++k) {
        chances.push_back(0.1 + 0.07 * k);
        amounts.push_back(40.0 + 13 * k);
        shares.push_back(share);
    }
    for (const auto& [chance, heat] : {std::pair{0.4, 350.0}, std::pair{0.7, 200.0}}) {
        chances.push_back(chance);
        amounts.push_back(heat);
        shares.push_back(plan_share);
    }
    constexpr double spacing = 0.05;
    double found = 0;
    for (double z = -8; z <= 8; z += spacing) {
        std::vector<std::pair<double, double>> sums{{200.0, 1.0}};  // 500 - 300
        for (std::size_t i = 0; i < chances.size(); ++i) {
            const double p = math::normal_cdf((math::normal_quantile(chances[i]) - std::sqrt(shares[i]) * z) /
                                              std::sqrt(1 - shares[i]));
            const std::size_t size = sums.size();
            for (std::size_t s = 0; s < size; ++s) {
                sums.emplace_back(sums[s].first + amounts[i], sums[s].second * p);
                sums[s].second *= 1 - p;
            }
        }
        double below = 0;
        for (const auto& [sum, chance] : sums) {
            const double left = amount - sum + deviation * std::sqrt(share) * z;
            const double own = deviation * std::sqrt(1 - share);
            below += chance * (deviation > 0 ? math::normal_cdf(left / own) : left >= 0 ? 1.0 : 0.0);
        }
        found += spacing * math::normal_pdf(z) * below;
    }
    return found;
}

}  // namespace

TEST_CASE("line item budget: every total is the sum of its rounded lines, and near the truth") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        std::uint64_t draw = 0;
        const auto number = [&](int below) { return static_cast<int>(below * math::uniform(seed, 1, draw++)); };
        std::vector<LineItem> lines;
        for (int k = 0; k < 60; ++k) {
            lines.push_back({.month = first_month + number(8),
                             .account = number(2) == 0 ? "revenue" : "costs",
                             .amount = 20 * math::uniform(seed, 2, draw++) - 7,
                             .source = number(2) == 0 ? "baseline" : "growth",
                             .labels = {std::string(1, static_cast<char>('a' + number(6)))}});
        }
        const std::vector<std::string> names{"customer"};
        const LineItemBudget budget(LineItems::of(lines, names));
        const std::vector<std::vector<std::string>> groupings{
            {"month"}, {"account"}, {"account", "source"}, {"month", "account"}, {"account", "source", "customer"}};
        for (const std::vector<std::string>& by : groupings) {
            const BudgetTotals totals = budget.totals(by);
            const std::vector<double>& figure = totals.amount.empty() ? totals.heat : totals.amount;
            for (std::size_t g = 0; g < totals.groups.size; ++g) {
                double truth = 0;
                std::int64_t units = 0;
                for (std::size_t k = 0; k < lines.size(); ++k) {
                    bool own = true;
                    for (std::size_t c = 0; c < by.size(); ++c) {
                        const std::string text = by[c] == "month"     ? to_string(lines[k].month)
                                                 : by[c] == "account" ? lines[k].account
                                                 : by[c] == "source"  ? lines[k].source
                                                                      : lines[k].labels[0];
                        own = own && totals.groups.keys[c][g] == text;
                    }
                    if (!own) continue;
                    const int sign = totals.amount.empty() && lines[k].account == "costs" ? -1 : 1;
                    truth += sign * lines[k].amount;
                    units += sign * budget.units()[k];
                }
                CHECK(figure[g] == static_cast<double>(units) / 100);
                if (by.front() != "month" || by.size() > 1) CHECK(std::abs(figure[g] - truth) < 0.01 + 1e-9);
            }
            // The same totals with the last name across: cells by name, and rows that sum to the units.
            const std::vector<std::string> rows(by.begin(), by.end() - 1);
            const BudgetPivot pivot = budget.pivot(rows, by.back());
            double all = 0;
            for (std::size_t r = 0; r < pivot.rows.size; ++r) {
                std::int64_t units = 0;
                for (std::size_t c = 0; c < pivot.columns.size(); ++c) {
                    double cell = 0;
                    for (std::size_t g = 0; g < totals.groups.size; ++g) {
                        bool own = totals.groups.keys.back()[g] == pivot.columns[c];
                        for (std::size_t k = 0; k < rows.size(); ++k) {
                            own = own && totals.groups.keys[k][g] == pivot.rows.keys[k][r];
                        }
                        if (own) cell = figure[g];
                    }
                    CHECK(pivot.amounts(r, c) == cell);
                    units += std::llround(cell * 100);
                }
                CHECK(pivot.total[r] == static_cast<double>(units) / 100);
                all += pivot.total[r];
            }
            CHECK(all == doctest::Approx(std::accumulate(figure.begin(), figure.end(), 0.0)).epsilon(1e-12));
            if (by.back() == "month") CHECK(std::is_sorted(pivot.columns.begin(), pivot.columns.end()));
        }
    }
}

TEST_CASE("a table without lines has one row, and an unknown name is refused") {
    const BudgetPivot empty = LineItemBudget().pivot({}, "month");
    CHECK(empty.columns.empty());
    CHECK(empty.total == std::vector<double>{0.0});
    CHECK_THROWS_AS(static_cast<void>(LineItemBudget().pivot({}, "colour")), InputError);
    CHECK_THROWS_AS(static_cast<void>(LineItemBudget().pivot({}, "month", "colour")), InputError);
}

TEST_CASE("line item budget: rounded lines stay as they are") {
    std::vector<LineItem> lines;
    for (int k = 0; k < 50; ++k) lines.push_back({.month = first_month + k % 5, .amount = 0.07 * k});
    const LineItemBudget budget(LineItems::of(lines));
    for (int k = 0; k < 50; ++k) CHECK(budget.units()[static_cast<std::size_t>(k)] == 7 * k);
    const std::vector<BudgetLine> plan_lines{{first_month, Source::baseline, 100.0 / 3, 10.0 / 3},
                                             {first_month, Source::growth, 50.0 / 3, 20.0 / 3},
                                             {first_month + 1, Source::growth, 0.015, 0.005}};
    const Budget plan(plan_lines);
    const BudgetTotals totals = LineItemBudget::of(plan).totals();
    CHECK(totals.level[0] == plan.total().level);
    CHECK(totals.heat[0] == plan.total().heat);
}

TEST_CASE("line item budget: distributions agree with enumeration, with and without a common factor") {
    for (const double share : {0.0, 0.25}) {
        for (const double deviation : {0.0, 30.0}) {
            const LineItemBudget budget = (LineItemBudget(LineItems::of(usual_and_deals(deviation))) +
                                           LineItemBudget::of(std::make_shared<const TwoPlans>(share > 0 ? 0.1 : 0.0)))
                                              .with_correlation(share);
            const Distribution found = budget.distribution();
            CHECK(found.mean() == doctest::Approx(budget.totals().heat[0]).epsilon(1e-4));
            const double tolerance = found.errors().probability() + (deviation > 0 ? 2e-3 : 1e-9);
            for (const double q : {0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95}) {
                const double amount = found.quantile(q);
                CHECK(std::abs(found.cdf(amount) - slow_cdf(amount + 1e-6, share, share > 0 ? 0.1 : 0.0, deviation)) <
                      tolerance);
            }
            const BudgetBands bands = budget.bands();
            CHECK(bands.quantiles[0][0] == doctest::Approx(found.quantile(0.1)));
            CHECK(bands.quantiles[2][0] == doctest::Approx(found.quantile(0.9)));
        }
    }
}

TEST_CASE("line item budget: bands have the same bits for any number of threads") {
    std::vector<LineItem> lines = usual_and_deals(20);
    const std::size_t count = lines.size();
    for (std::size_t k = 0; k < count; ++k) {
        lines.push_back(lines[k]);
        lines.back().month = first_month + 1;
        if (!lines.back().item.empty()) lines.back().item += " again";
    }
    const LineItemBudget budget = LineItemBudget(LineItems::of(lines)).with_correlation(0.2);
    for (const std::vector<std::string>& by : {std::vector<std::string>{}, std::vector<std::string>{"month"}}) {
        BandOptions options;
        options.threads = 1;
        const BudgetBands one = budget.bands(by, options);
        options.threads = 3;
        CHECK(one.quantiles == budget.bands(by, options).quantiles);
    }
    BandOptions options;
    options.pulse = [] { throw InputError("stop"); };
    const std::vector<std::string> by{"month"};
    CHECK_THROWS_WITH(static_cast<void>(budget.bands(by, options)), "stop");
}

TEST_CASE("line item budget: normal amounts alone have exact quantiles, and accounts of a customer move together") {
    std::vector<LineItem> lines;
    for (const char* customer : {"a", "b"}) {
        lines.push_back(
            {.month = first_month, .account = "revenue", .amount = 1000, .deviation = 30, .labels = {customer}});
        lines.push_back(
            {.month = first_month, .account = "costs", .amount = 600, .deviation = 18, .labels = {customer}});
    }
    const std::vector<std::string> names{"customer"};
    const LineItemBudget budget(LineItems::of(lines, names));
    const double spread = std::sqrt(2.0) * 12;
    CHECK(budget.bands().quantiles[2][0] == doctest::Approx(800 + spread * math::normal_quantile(0.9)).epsilon(1e-12));
    CHECK(budget.distribution().standard_deviation() == doctest::Approx(spread));
    const double together = budget.with_correlation(0.36).distribution().standard_deviation();
    CHECK(together == doctest::Approx(std::hypot(0.8 * spread, 0.6 * 24)));
}

TEST_CASE("line item budget: fiscal periods, and weeks that divide months exactly") {
    std::vector<LineItem> lines;
    for (int m = 0; m < 24; ++m) lines.push_back({.month = first_month + m, .amount = 100.0 / 3});
    BudgetSettings settings;
    settings.calendar = FiscalCalendar::of_months(4);
    const LineItemBudget budget(LineItems::of(lines), settings);
    const std::vector<std::string> by_year{"year"};
    const BudgetTotals years = budget.totals(by_year);
    CHECK(years.groups.size == 3);
    CHECK(years.groups.keys[0][1] == "FY2023");
    CHECK(std::abs(years.level[1] - 400) < 0.0101);
    const LineItemBudget weeks =
        budget.with_calendar(FiscalCalendar::of_weeks(WeekPattern::four_five_four, 1, 6, true, false));
    const std::vector<std::string> by_period{"period"};
    const BudgetTotals periods = weeks.totals(by_period);
    CHECK(periods.groups.keys[0][0] == "FY2021 P11");
    CHECK(std::accumulate(periods.level.begin(), periods.level.end(), 0.0) ==
          doctest::Approx(budget.totals().level[0]).epsilon(1e-12));
    const std::vector<std::string> both{"month", "year"};
    CHECK_THROWS_AS(static_cast<void>(weeks.totals(both)), InputError);
}

TEST_CASE("line item budget: what is not valid is refused") {
    const LineItem plain{.month = first_month, .amount = 1};
    const auto budget = [](const LineItem& line) { return LineItemBudget(LineItems::of(std::span(&line, 1))); };
    LineItem line = plain;
    line.account = "luck";
    CHECK_THROWS_AS(static_cast<void>(budget(line)), InputError);
    line = plain;
    line.probability = 0.5;
    CHECK_THROWS_AS(static_cast<void>(budget(line)), InputError);
    line = plain;
    line.amount = NAN;
    CHECK_THROWS_AS(static_cast<void>(budget(line)), InputError);
    line = plain;
    line.currency = "USD";
    CHECK_THROWS_WITH(static_cast<void>(budget(line)),
                      "there is no rate for USD in 2022-01; give what one unit is worth in EUR");
    const std::vector<std::string> luck{"luck"};
    CHECK_THROWS_AS(static_cast<void>(budget(plain).totals(luck)), InputError);
    CHECK_THROWS_AS(static_cast<void>(budget(plain).with_correlation(1)), InputError);
    CHECK_THROWS_AS(static_cast<void>(budget(plain).with_correlation(0, {{"luck", 0.1}})), InputError);
    CHECK_THROWS_AS(static_cast<void>(budget(plain).distribution({.measure = "luck"})), InputError);
    CHECK_THROWS_AS(static_cast<void>(budget(plain).distribution({.where = {{"source", "luck"}}})), InputError);
    CHECK_THROWS_AS(static_cast<void>(budget(plain).bands({}, {.probabilities = {0.9, 0.1}})), InputError);
    ExchangeRates rates;
    CHECK_THROWS_AS(rates.set("EUR", 2), InputError);
    CHECK_THROWS_AS(rates.set("USD", 0), InputError);
    rates.set(first_month, "USD", 0.9);
    CHECK_THROWS_AS(rates.set(first_month, "USD", 0.8), InputError);
    line = plain;
    line.currency = "USD";
    CHECK(LineItemBudget(LineItems::of(std::span(&line, 1), {}, rates)).totals().level[0] == 0.9);
    CHECK(LineItemBudget().totals().level[0] == 0);
    line = plain;
    line.amount = 1e14;
    CHECK_THROWS_WITH(static_cast<void>(budget(line)), doctest::Contains("1e+14 in 2022-01 revenue baseline"));
    const auto plans = std::make_shared<TwoPlans>(0.0);
    plans->one_key = true;
    CHECK_THROWS_WITH_AS(static_cast<void>(LineItemBudget::of(plans, {}, "growth")),
                         doctest::Contains("two action plans have the key 'a/b/c'"), InputError);
}

TEST_CASE("line item budget: accounts of a row become lines in the reporting currency, and costs move with revenue") {
    LineItems rows;
    rows.month = {first_month, first_month + 1, first_month};
    rows.dimensions = {{"source", Labels::constant("baseline", 3)}};
    rows.probability = {1, 1, 1};
    rows.quantity = {0, 2, 0};
    rows.item = Labels::constant("", 3);
    rows.state.assign(3, ItemState::open);
    rows.currency = Labels::of(std::vector<std::string>{"EUR", "USD", "USD"});
    ExchangeRates rates;
    rates.set("USD", 0.5);
    const std::vector<double> revenue{100, 80, 0};
    const std::vector<double> contribution{25, 100, -10};
    const std::vector<double> variance{16, 4, 1};
    const LineItems found =
        LineItems::of(rows, {.revenue = revenue, .contribution = contribution, .variance = variance}, rates);
    CHECK(found.account().names == std::vector<std::string>{"revenue", "costs"});
    CHECK(found.stated == std::vector<double>{100, 80, 0, 75, -20, 10});
    CHECK(found.amount == std::vector<double>{100, 40, 0, 75, -10, 5});
    CHECK(found.deviation == std::vector<double>{4, 1, 0.5, 3, -0.25, 0.5});
    CHECK(LineItemBudget(found, {.rates = rates}).totals().heat[0] == 70);

    const std::vector<double> costs{75, -20, 11};
    CHECK_THROWS_WITH_AS(LineItems::of(rows, {.revenue = revenue, .costs = costs, .contribution = contribution}, rates),
                         "row 3: revenue - costs is not the contribution; leave one of the three out", InputError);
    const LineItems apart = LineItems::of(rows, {.costs = costs, .contribution = contribution}, rates);
    CHECK(apart.account().names == std::vector<std::string>{"costs", "contribution"});
    CHECK_THROWS_AS(LineItems::of(rows, {}, rates), InputError);
    LineItems none;
    none.dimensions = {{"source", Labels{}}};
    CHECK(LineItemBudget(LineItems::of(none, {}, rates)).totals().level[0] == 0);
    CHECK_THROWS_AS(LineItems::of(rows, {.revenue = std::span(revenue).first(2)}, rates), InputError);
    const std::vector<double> negative{1, 1, -1};
    CHECK_THROWS_AS(LineItems::of(rows, {.revenue = revenue, .variance = negative}, rates), InputError);
    CHECK_THROWS_AS(LineItems::of(rows, {.revenue = revenue}, ExchangeRates()), InputError);
}
