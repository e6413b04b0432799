// Tests of versions of a budget: frozen, rolled forward, compared with causes, and side by side.
#include "custfolio/budget/versions.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "custfolio/math/errors.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

constexpr Month january{2022y / 1};

LineItemBudget planned() {
    std::vector<LineItem> lines;
    for (int m = 0; m < 6; ++m) {
        lines.push_back({.month = january + m, .account = "revenue", .amount = 100.0 / 3, .quantity = 10});
        lines.push_back({.month = january + m, .account = "costs", .amount = 20});
    }
    lines.push_back({.month = january + 1, .amount = 400, .item = "deal", .probability = 0.4});
    lines.push_back({.month = january + 2, .amount = 300, .item = "other", .probability = 0.5});
    return LineItemBudget(LineItems::of(lines));
}

LineItemBudget came() {
    std::vector<LineItem> lines;
    for (int m = 0; m < 3; ++m) {
        lines.push_back({.month = january + m, .account = "revenue", .amount = 36, .source = "actual", .quantity = 12});
        lines.push_back({.month = january + m, .account = "costs", .amount = 20, .source = "actual"});
    }
    lines.push_back({.month = january + 2, .amount = 900, .source = "actual", .item = "deal", .state = ItemState::won});
    return LineItemBudget(LineItems::of(lines));
}

double cause(const BudgetVariance& found, std::size_t row, const std::string& name) {
    for (std::size_t c = 0; c < variance_causes.size(); ++c) {
        if (name == variance_causes[c]) return found.causes[c][row];
    }
    return NAN;
}

}  // namespace

TEST_CASE("versions: a frozen budget keeps its lines and bands") {
    const LineItemBudget budget = planned();
    const std::vector<std::vector<std::string>> bands{{"month"}, {"year"}};
    const FrozenBudget frozen = freeze(budget, "2022", 18900, bands);
    CHECK(frozen.budget.units() == budget.units());
    CHECK(frozen.find(bands[1])->quantiles == budget.bands(bands[1]).quantiles);
    const std::vector<std::string> by_account{"account"};
    CHECK(frozen.find(by_account) == nullptr);
    CHECK_THROWS_AS(static_cast<void>(freeze(budget, " ", 0)), InputError);
}

TEST_CASE("versions: the forecast is actual through the last close, and expected after it") {
    const LineItemBudget rolled = rolling_forecast(planned(), came(), january + 2, planned());
    const std::vector<std::string> by{"month"};
    const BudgetTotals months = rolled.totals(by);
    CHECK(months.level[0] == 36);
    CHECK(months.level[2] == 936);
    CHECK(std::abs(months.level[4] - 100.0 / 3) < 0.01);
    const BudgetBands bands = rolled.bands(by);
    CHECK(bands.quantiles[0][2] == bands.quantiles[2][2]);
    CHECK_THROWS_AS(static_cast<void>(rolling_forecast(planned(), came(), january + 1, planned())), InputError);
}

TEST_CASE("versions: a close needs every month once, and what remains the others") {
    const auto months = [](int first, int last, double amount) {
        std::vector<LineItem> lines;
        for (int m = first; m < last; ++m) lines.push_back({.month = january + m, .amount = amount});
        return LineItemBudget(LineItems::of(lines));
    };
    const LineItemBudget year = months(0, 12, 150);
    const LineItemBudget rest = months(3, 12, 100);
    const auto closed = [&](const LineItemBudget& actual, const LineItemBudget& remaining, CloseOptions options = {}) {
        return rolling_forecast(year, actual, january + 2, remaining, options);
    };
    const LineItemBudget forecast = closed(months(0, 3, 150), rest);
    CHECK(forecast.totals().level[0] == 1350);
    CHECK(forecast.settings().closed == january + 2);
    CHECK_THROWS_WITH_AS(closed(months(0, 2, 150), rest), doctest::Contains("in 2022-03, and"), InputError);
    CHECK(closed(months(0, 2, 150), rest, {.missing_is_zero = true}).totals().level[0] == 1200);
    const LineItemBudget twice = months(0, 3, 150) + months(0, 3, 150);
    CHECK_THROWS_WITH_AS(closed(twice, rest), doctest::Contains("repeat an earlier line: 2022-01 revenue"), InputError);
    CHECK(closed(twice, rest, {.add_repeated = true}).totals().level[0] == 1800);
    CHECK_THROWS_WITH_AS(closed(months(0, 3, 150), months(4, 12, 100)), doctest::Contains("2022-04"), InputError);
    CHECK_THROWS_WITH_AS(closed(months(0, 3, 150), months(3, 13, 100)), doctest::Contains("2023-01"), InputError);
    CHECK_THROWS_WITH_AS(closed(months(-1, 3, 150), rest), doctest::Contains("in 2021-12, before the budget's first"),
                         InputError);
    CHECK_THROWS_WITH_AS(closed(months(0, 3, 150), rest + rest), doctest::Contains("what remains repeat"), InputError);
    CHECK(closed(months(0, 3, 150), rest + rest, {.add_repeated = true}).totals().level[0] == 2250);
    CHECK_THROWS_WITH_AS(rolling_forecast(year, months(0, 12, 150), january + 12, year),
                         doctest::Contains("2023-01, after the budget's last month 2022-12"), InputError);
    const LineItem costs{.month = january + 2, .account = "costs", .amount = 90};
    const LineItemBudget costs_alone = months(0, 2, 150) + LineItemBudget(LineItems::of(std::span(&costs, 1)));
    CHECK_THROWS_WITH_AS(closed(costs_alone, rest), doctest::Contains("in 2022-03 are costs alone"), InputError);
    CHECK(closed(costs_alone, rest, {.missing_is_zero = true}).totals().heat[0] == 1110);
    // Opportunities alone do not show where a budget begins.
    const LineItem deal{.month = january + 5, .amount = 400, .item = "deal", .probability = 0.4};
    const LineItemBudget deals(LineItems::of(std::span(&deal, 1)));
    CHECK_FALSE(last_usual_month(deals));
    CHECK(last_usual_month(deals + months(0, 3, 150)) == january + 2);
    CHECK(rolling_forecast(deals, months(-1, 3, 150), january + 2, deals).totals().level[0] == 1000);
    // Another amount in a closed month is restated.
    const LineItemBudget april =
        rolling_forecast(forecast, months(0, 1, 160) + months(1, 4, 150), january + 3, forecast);
    CompareOptions by_month;
    by_month.by = {"month"};
    const BudgetVariance changes = compare(forecast, april, by_month);
    CHECK(cause(changes, 0, "restated") == 10);
    CHECK(cause(changes, 3, "resized") == 50);
}

TEST_CASE("versions: a rolling forecast has the causes of its budget in open months") {
    const auto sales = [](int months, double pieces, double price, const std::string& source) {
        std::vector<LineItem> lines;
        for (int m = 0; m < months; ++m) {
            lines.push_back({.month = january + m, .amount = pieces * price, .source = source, .quantity = pieces});
            lines.push_back({.month = january + m, .account = "costs", .amount = 60 + pieces, .source = source});
        }
        return LineItemBudget(LineItems::of(lines));
    };
    const LineItemBudget budget = sales(3, 10, 10, "baseline");
    const LineItemBudget actual = sales(2, 12, 11, "actual");
    const LineItemBudget forecast = rolling_forecast(budget, sales(1, 12, 11, "actual"), january, budget);
    CompareOptions options;
    options.by = {"month", "account"};
    options.through = january + 1;
    const BudgetVariance right = compare(budget, actual, options);
    for (const LineItemBudget& later : {actual, rolling_forecast(forecast, actual, january + 1, budget)}) {
        const BudgetVariance found = compare(forecast, later, options);
        for (std::size_t row = 0; row < found.groups.size; ++row) {
            const bool open = found.groups.keys[0][row] == "2022-02";
            for (std::size_t c = 0; c < variance_causes.size(); ++c) {
                CHECK(found.causes[c][row] == (open ? right.causes[c][row] : 0.0));
            }
        }
    }
    CHECK(cause(right, 2, "volume") == 20);
    CHECK(cause(right, 2, "price") == 12);
    // Two forecasts of one close can still be compared by source.
    options.by = {"source"};
    CHECK(compare(forecast, forecast, options).groups.size == 2);
}

TEST_CASE("versions: newcomers count against planned new business") {
    const std::vector<std::string> names{"customer"};
    const std::vector<LineItem> plan{{.month = january, .amount = 500, .labels = {"Acme"}},
                                     {.month = january, .amount = 80, .source = "new business", .labels = {"(none)"}}};
    const std::vector<LineItem> real{{.month = january, .amount = 500, .source = "actual", .labels = {"Acme"}},
                                     {.month = january, .amount = 70, .source = "actual", .labels = {"Newcomer"}}};
    const BudgetVariance found =
        compare(LineItemBudget(LineItems::of(plan, names)), LineItemBudget(LineItems::of(real, names)), {});
    CHECK(cause(found, 0, "customers_gained") == -10);
    CHECK(cause(found, 0, "lost") == 0);
}

TEST_CASE("versions: causes add up to the variance") {
    CompareOptions options;
    options.by = {"item", "month", "account"};
    options.through = january + 2;
    options.outcomes = {{"other", ItemState::lost}};
    const BudgetVariance found = compare(planned(), came(), options);
    double won = 0;
    double slipped = 0;
    double resized = 0;
    double lost = 0;
    for (std::size_t row = 0; row < found.groups.size; ++row) {
        double sum = 0;
        for (const auto& column : found.causes) sum += column[row];
        CHECK(sum == doctest::Approx(found.variance[row]));
        CHECK(found.actual[row] - found.planned[row] == doctest::Approx(found.variance[row]));
        if (found.groups.keys[0][row] == "deal") {
            won += cause(found, row, "won");
            slipped += cause(found, row, "slipped");
            resized += cause(found, row, "resized");
        }
        if (found.groups.keys[0][row] == "other") lost += cause(found, row, "lost");
        if (found.groups.keys[0][row].empty() && found.groups.keys[2][row] == "revenue") {
            CHECK(cause(found, row, "volume") == doctest::Approx(0.2 * 33.33).epsilon(1e-3));
        }
    }
    // 1,000 at 40 % in February; 900 came in March.
    CHECK(won == 600);
    CHECK(slipped == 0);
    CHECK(resized == -100);
    CHECK(lost == -300);
    CHECK(found.actual_total - found.planned_total ==
          doctest::Approx(std::accumulate(found.total_causes.begin(), found.total_causes.end(), 0.0)));
    options.outcomes = {{"deal", ItemState::lost}};
    CHECK_THROWS_WITH_AS(static_cast<void>(compare(planned(), came(), options)),
                         doctest::Contains("item 'deal' is won in a line and lost in the outcomes"), InputError);
    options.outcomes = {{"deal", ItemState::won}};
    CHECK(compare(planned(), came(), options).total_causes[0] == 600);
    options.outcomes.clear();
    const LineItem again{
        .month = january + 2, .amount = 1, .source = "actual", .item = "deal", .state = ItemState::lost};
    const LineItemBudget both = came() + LineItemBudget(LineItems::of(std::span(&again, 1)));
    CHECK_THROWS_WITH_AS(static_cast<void>(compare(planned(), both, options)),
                         doctest::Contains("item 'deal' is won in a line and lost in another"), InputError);
    options.by = {"source"};
    CHECK_THROWS_AS(static_cast<void>(compare(planned(), came(), options)), InputError);
    options.by = {"month"};
    options.outcomes = {{"luck", ItemState::won}};
    CHECK(compare(planned(), came(), options).without_lines == options.outcomes);
}

TEST_CASE("versions: accounts that differ in case and blanks are one, and an item has one state in all accounts") {
    const auto lines = [](const char* revenue, const char* costs, ItemState state, double amount) {
        std::vector<LineItem> items{{.month = january, .account = revenue, .amount = 100}};
        items.push_back({.month = january, .account = revenue, .amount = amount, .item = "deal", .state = state});
        // Nothing states that the costs of the deal do not come.
        if (amount != 0) items.push_back({.month = january, .account = costs, .amount = amount / 2, .item = "deal"});
        return LineItemBudget(LineItems::of(items));
    };
    const LineItemBudget budget = lines("revenue", "cost to serve", ItemState::unstated, 50);
    const BudgetVariance found = compare(budget, lines(" Revenue", "", ItemState::lost, 0), {});
    CHECK(found.groups.size == 2);
    CHECK(cause(found, 0, "lost") == -50);
    CHECK(cause(found, 1, "lost") == -25);
    CHECK((budget + lines("REVENUE", "Cost_to serve", ItemState::unstated, 50)).lines().account().names.size() == 2);
}

TEST_CASE("versions: budgets side by side have the cells of all of them") {
    const LineItem newcomer{.month = {2023y / 1}, .amount = 70, .source = "acquisition"};
    const LineItemBudget more = planned() + LineItemBudget(LineItems::of(std::span(&newcomer, 1)));
    const std::vector<std::pair<std::string, LineItemBudget>> budgets{{"base", planned()}, {"more", more}};
    const std::vector<std::string> by{"year"};
    const BudgetComparison found = side_by_side(budgets, by, "level");
    CHECK(found.groups.keys[0][1] == "2023");
    CHECK(found.amount[0][1] == 0);
    CHECK(found.change[1] == std::vector<double>{0, 70});
    CHECK_THROWS_AS(static_cast<void>(side_by_side(std::span(budgets).first(1), by)), InputError);
}
