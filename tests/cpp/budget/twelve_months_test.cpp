// Twelve months in a row: close, compare, learn chances, forecast the rest; nothing drifts, doubles or gets lost.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "custfolio/budget.hpp"
#include "custfolio/growth.hpp"
#include "custfolio/math/random.hpp"

using namespace custfolio;
using namespace std::chrono_literals;

namespace {

constexpr Month first_of_year{2021y / 1};
constexpr double margin = 0.3;

/// Two years of deals, each with its end, and usual business by month.
struct SimulatedYear {
    std::vector<DayNumber> created, closed;
    std::vector<CaseEnd> end;
    std::vector<double> amount;

    SimulatedYear() {
        for (DayNumber day = (first_of_year + -12).first_day(); day < (first_of_year + 11).first_day(); day += 4) {
            const auto draw = [&](std::uint64_t k) { return math::uniform(3, static_cast<std::uint64_t>(day), k); };
            created.push_back(day);
            // A hundredth of the deals ends on each day; two of five are won.
            closed.push_back(day + static_cast<DayNumber>(std::log1p(-draw(0)) / std::log1p(-0.01)));
            end.push_back(draw(1) < 0.4 ? CaseEnd::won : CaseEnd::lost);
            amount.push_back(std::round(2'000 + 6'000 * draw(2)));
        }
    }
    [[nodiscard]] static std::string item(std::size_t k) { return "c/" + std::to_string(k); }
    [[nodiscard]] static double usual(int m) { return 10'000 + 1'000 * std::sin(m); }
    [[nodiscard]] bool decided(std::size_t k, int through) const {
        return closed[k] >= first_of_year.first_day() && closed[k] < (first_of_year + (through + 1)).first_day();
    }
    [[nodiscard]] LineItemBudget actual(int through) const {
        std::vector<LineItem> lines;
        for (int m = 0; m <= through; ++m) {
            lines.push_back({.month = first_of_year + m, .account = "revenue", .amount = std::round(1.02 * usual(m))});
        }
        for (std::size_t k = 0; k < created.size(); ++k) {
            if (!decided(k, through) || end[k] != CaseEnd::won) continue;
            const LineItem won{
                .month = Month::of(closed[k]), .amount = amount[k], .item = item(k), .state = ItemState::won};
            lines.push_back(won);
            lines.push_back(won);
            lines.back().account = "costs";
            lines.back().amount *= 1 - margin;
        }
        return LineItemBudget(LineItems::of(lines));
    }
    /// What is expected from a month on, with the chances as they are learned on its first day.
    [[nodiscard]] LineItemBudget expected(int month, std::set<std::string>* open = nullptr) const {
        const Month start = first_of_year + month;
        std::vector<LineItem> lines;
        for (int m = month; m < 12; ++m) lines.push_back({.month = first_of_year + m, .amount = usual(m)});
        const OpenChances chances =
            open_chances(created, closed, end, {}, {}, {.at = start.first_day(), .months = 12 - month});
        std::vector<Opportunity> deals;
        for (std::size_t k = 0; k < chances.open.size(); ++k) {
            const std::size_t deal = chances.open[k].deal;
            deals.push_back({.customer = "c",
                             .name = std::to_string(deal),
                             .row = deal,
                             .probability = chances.open[k].won,
                             .amount = amount[deal],
                             .months = chances.months_if_won(k)});
            if (open != nullptr) open->insert(item(deal));
        }
        const OpportunityKind kind{.margin = margin};
        const OpportunityPlans plans = opportunity_plans(deals, {&kind, 1}, {.start = start});
        const GrowthForecast growth = grow(plans.plans, start, 12 - month, {.correlation = 0.02});
        const LineItemBudget usual_business{LineItems::of(lines)};
        return usual_business + LineItemBudget::of(std::make_shared<PlanAmounts>(growth));
    }
};

double heat(const LineItemBudget& budget) {
    return budget.totals().heat[0];
}

}  // namespace

TEST_CASE("twelve months: actual and rest are the forecast, causes close, and every deal is in one place") {
    const SimulatedYear company;
    std::set<std::string> planned;
    const LineItemBudget budget = company.expected(0, &planned);
    const std::vector<std::vector<std::string>> kept{{"year"}};
    const FrozenBudget frozen = freeze(budget, "2021", first_of_year.first_day() - 1, kept);
    LineItemBudget version = frozen.budget;
    REQUIRE(planned.size() > 10);
    for (int m = 0; m < 12; ++m) {
        const LineItemBudget actual = company.actual(m);
        CompareOptions options{.through = first_of_year + m};
        std::set<std::string> won;
        for (std::size_t k = 0; k < company.created.size(); ++k) {
            if (!company.decided(k, m)) continue;
            if (company.end[k] == CaseEnd::won) won.insert(SimulatedYear::item(k));
            if (company.end[k] == CaseEnd::lost) options.outcomes[SimulatedYear::item(k)] = ItemState::lost;
        }
        const BudgetVariance variance = compare(frozen.budget, actual, options);
        CHECK(std::accumulate(variance.total_causes.begin(), variance.total_causes.end(), 0.0) ==
              doctest::Approx(variance.actual_total - variance.planned_total).epsilon(1e-12));
        CHECK(variance.actual_total == doctest::Approx(heat(actual)).epsilon(1e-12));
        std::set<std::string> open;
        const LineItemBudget rest = m < 11 ? company.expected(m + 1, &open) : actual;
        version = rolling_forecast(version, actual, first_of_year + m, rest);
        CHECK(std::abs(heat(version) - heat(actual) - (m < 11 ? heat(rest) : 0)) < 0.005);
        // Planned deals are won, lost or open; so are those that began later, and each is so once.
        const std::vector<std::string> by{"item"};
        const BudgetTotals totals = version.totals(by);
        std::set<std::string> in_forecast;
        for (std::size_t g = 0; g < totals.groups.size; ++g) in_forecast.insert(totals.groups.keys[0][g]);
        in_forecast.erase("");
        std::set<std::string> either = won;
        either.insert(open.begin(), open.end());
        CHECK(in_forecast == either);
        CHECK(either.size() == won.size() + open.size());
        for (const std::string& deal : planned) {
            CHECK((m == 11 || either.count(deal) + options.outcomes.count(deal) == 1));
        }
        for (const auto& [deal, state] : variance.without_lines) CHECK(planned.count(deal) == 0);
    }
    CHECK(std::abs(heat(version) - heat(company.actual(11))) < 0.005);
}
