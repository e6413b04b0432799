// Plan: actions by customer and month, their amounts, and a certified bound.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "custfolio/budget/budget.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/portfolio/bucket.hpp"
#include "custfolio/portfolio/columns.hpp"
#include "custfolio/portfolio/dates.hpp"

namespace custfolio {

namespace detail {
/// @param first a month.
/// @param months number of months, >= 1.
/// @return "2022-01", or "2022-01 to 2022-12".
std::string span_text(Month first, int months);
}  // namespace detail

/// The five steps, in the order in which a strategy runs them.
enum class Step {
    selection,    ///< The customers to keep.
    remediation,  ///< New terms for the cold and the lukewarm.
    anchoring,    ///< A fixed place in the agenda.
    growth,       ///< Action plans with customers.
    acquisition   ///< New customers.
};

/// @param step a step.
/// @return its name: "selection", "remediation", "anchoring", "growth" or "acquisition".
std::string to_string(Step step);

/// The actions with one customer or prospect over the horizon. "Keep" (or "leave", for a prospect) is a course without
/// offer, plans and months.
struct Course {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);  ///< No offer.

    std::size_t offer = none;          ///< Position among all offers; none: no offer.
    int month = -1;                    ///< Month of the offer or of the pursuit, 0-based; -1: neither.
    int overflow = -1;                 ///< First month without the customer after a refusal, 0-based; -1: it stays.
    std::vector<std::size_t> plans{};  ///< Positions of the action plans that are carried out.

    /// Same course.
    /// @return whether the two are the same.
    bool operator==(const Course&) const = default;
};

/// A course's outcome by chance: an offer is accepted or refused, a prospect is won or not.
struct CourseOutcome {
    double probability = 0;       ///< Of the first outcome.
    std::vector<double> level{};  ///< Per month: level of the first outcome less that of the second, currency.
    std::vector<double> heat{};   ///< The same of the heat, currency.
};

/// One action.
struct Action {
    Month month;                    ///< Its first month.
    Step step = Step::remediation;  ///< Its step.
    bool prospect = false;          ///< Whether it is with a prospect (else with a customer).
    std::size_t who = 0;            ///< Row of the portfolio, or position among the prospects.
    std::string id;                 ///< Identity of the customer or prospect.
    std::string name;               ///< Its name for people.
    std::string what;               ///< The action in words.
    std::string why;                ///< One sentence with its figures; amounts are expectations.
    double level = 0;               ///< Expected change of level within the horizon, currency.
    double heat = 0;                ///< Expected change of heat within the horizon, currency, not discounted.
    double hours = 0;               ///< Expected sales hours within the horizon.
    std::size_t item = 0;           ///< Position of the offer, action plan or prospect.
    Month answer = no_month;        ///< Of an offer: the month of its answer, in which new terms begin; may lie after
                                    ///< the horizon. no_month for other actions.
};

/// The bucket in one month of the plan, in expectation.
struct PlanMonth {
    Month month;       ///< Which month.
    double level = 0;  ///< Net revenue, currency.
    double heat = 0;   ///< Contribution, currency.
    /// The floor of its row, spread over the row's months like the reference year, or evenly where that is not known;
    /// -infinity: no floor. The level may be below it: the floor is that of the row.
    double floor = -std::numeric_limits<double>::infinity();
    double capacity = std::numeric_limits<double>::infinity();  ///< The level must not be above; infinity: no capacity.
    double reference = std::numeric_limits<double>::quiet_NaN();  ///< Net revenue of the same month of the reference
                                                                  ///< year, currency; NaN where it is not known.
    double out = 0;             ///< Expected level that those who left no longer bring, currency, >= 0; see Strategy.
    double in = 0;              ///< Expected level that new terms, action plans and newcomers bring, currency, >= 0.
    double baseline_level = 0;  ///< Net revenue without any action, currency.
    double baseline_heat = 0;   ///< Contribution without any action, currency.
    double new_business = 0;  ///< Part of `baseline_level` that newcomers as usual, and customers who come back, bring.
    double new_business_heat = 0;  ///< Part of `baseline_heat` that they bring.

    /// Standard deviation of the level, currency: of the baseline, of answers to offers, of wins and of action plans,
    /// as independent. NaN where the baseline has none.
    double level_deviation = std::numeric_limits<double>::quiet_NaN();
    bool never_negative = false;  ///< Whether the level cannot be below 0; see Baseline::never_negative.
    double heat_deviation = std::numeric_limits<double>::quiet_NaN();  ///< The same of the heat, currency.

    /// @return heat / level as a fraction; NaN at or below a level of 0.
    [[nodiscard]] double temperature() const { return temperature_of(level, heat); }
    /// The level as a normal variable, or by nonnegative_quantile() where it cannot be below 0.
    /// @param probability in (0, 1).
    /// @return the level that is not exceeded with that chance, currency; NaN without a deviation.
    [[nodiscard]] double level_quantile(double probability) const;
    /// The heat as a normal variable.
    /// @param probability in (0, 1).
    /// @return the heat that is not exceeded with that chance, currency; NaN without a deviation.
    [[nodiscard]] double heat_quantile(double probability) const;
    /// @return heat / level without any action, as a fraction; NaN at or below a level of 0.
    [[nodiscard]] double baseline_temperature() const { return temperature_of(baseline_level, baseline_heat); }
};

/// A customer or prospect that has replaced a part of the level that flows over.
struct Replacement {
    Step step = Step::acquisition;  ///< The step that brings most of it.
    std::string id;                 ///< Identity of the customer or prospect; never that of the customer who leaves.
    std::string name;               ///< Its name for people.
    double level = 0;               ///< Level that it replaces, currency, to the end of the horizon.
};

/// A customer that accepted no change and flows over once its level has been replaced.
struct PlannedOverflow {
    std::size_t customer = 0;  ///< Row of the portfolio.
    std::string id;            ///< Its identity.
    std::string name;          ///< Its name for people.
    Month month;               ///< First month without it.
    double probability = 1;    ///< Chance that it refuses; the amounts below include it.
    double level = 0;          ///< Expected level that leaves from that month to the end of the horizon, currency.
    double heat = 0;           ///< Expected avoidable heat that leaves with it; negative: a gain.
    double out = 0;            ///< Level to replace from that month on, currency; see Strategy.
    std::vector<Replacement> replaced_by;  ///< Its replacements, the largest first. With Strategy::replaced_by_room the
                                           ///< rest of `out` is room above the floor.
    std::string why;                       ///< One sentence with the figures behind it.
};

/// The value of one more unit of a constraint.
struct ShadowPrice {
    std::string row;   ///< "level floor", "level capacity", "replacement", "sales_hours", "deliveries", "money",
                       ///< "offers" or "switches"; of a group with its name, as "sales_hours, manager Ann".
    Month month;       ///< First month of the row.
    int months = 0;    ///< Number of its months.
    double price = 0;  ///< Discounted heat of one more unit of room, >= 0.
    std::string text;  ///< The same in words.
};

/// How much of a limited resource a plan uses.
struct ResourceUse {
    std::string resource;  ///< "sales_hours", "deliveries", "money", "offers" or "switches"; of a group as in
                           ///< ShadowPrice.
    Month month;           ///< First month of the limit.
    int months = 0;        ///< Number of its months.
    double used = 0;       ///< Expected use, in the resource's unit.
    double limit = std::numeric_limits<double>::infinity();  ///< The limit; infinity where there is none.
};

/// A row of the floor in a plan: of the company, or of a group. Amounts are sums over the months of the row that count;
/// currency.
struct FloorRow {
    Month month;              ///< First month that counts; before the plan's start in a rolling year.
    int months = 0;           ///< Number of months that count; Plan::span() has them in words.
    double floor = 0;         ///< The floor of the strategy.
    double to = 0;            ///< The floor that the plan keeps: lower where it could not be held.
    double reference = 0;     ///< Level of the same months of the reference year, of those that count; NaN where one is
                              ///< not known.
    double without = 0;       ///< Expected level without any action.
    double new_business = 0;  ///< Part of it that is new business as usual.
    double level = 0;         ///< Expected level as planned.
    double deviation = 0;  ///< Standard deviation of that level: of the baseline, answers, wins and action plans; NaN
                           ///< where the baseline has none.
    double chance = 0;     ///< Chance that the level reaches the floor of the strategy; NaN without a deviation. The
                           ///< baseline is normal; answers, wins and action plans have their own distribution.
    std::string group{};   ///< Name of its group, as "manager Ann"; empty: the company.
};

/// A floor, the chance of a floor, or a capacity that no plan was found to keep. Amounts are sums over its months,
/// currency.
struct RelaxedRow {
    std::string row;      ///< "level floor", "floor chance" or "level capacity"; of a group as in ShadowPrice.
    Month month;          ///< First month that counts; before the plan's start in a rolling year.
    int months = 0;       ///< Number of months that count; Plan::span() has them in words.
    double bound = 0;     ///< The bound of the strategy; for a chance the expected level that it needs.
    double to = 0;        ///< The bound that the plan keeps instead.
    double without = 0;   ///< Expected level without any action.
    double level = 0;     ///< Expected level as planned.
    double nearest = 0;   ///< Expected level of the plan that comes nearest to all rows together, or of this plan
                          ///< where it is nearer to this row.
    double cost = 0;      ///< Discounted heat that the nearest plan costs more than this one, >= 0; all rows together.
    bool proven = false;  ///< Whether it is proven that no plan keeps all rows.
    std::string text;     ///< The same in words, with what would close the rest.

    /// @param amount a level of these months, currency.
    /// @return how far it lies below the bound, as a fraction of it; negative above it; NaN for a bound <= 0.
    [[nodiscard]] double drop(double amount) const;
};

/// The change that one constraint needs.
struct Relaxation {
    std::string row;   ///< "level floor", "level capacity", "replacement", "sales_hours", "deliveries", "money",
                       ///< "offers" or "switches"; of a group with its name, as "sales_hours, manager Ann".
    Month month;       ///< First month of the row.
    int months = 0;    ///< Number of its months.
    double bound = 0;  ///< The bound of the strategy.
    double by = 0;     ///< The change that it needs, > 0; rounded up to a hundredth.
    double to = 0;     ///< A feasible bound together with the other relaxations.
    std::string text;  ///< The same in words.
};

/// No plan is within all constraints, or within the limits alone. Python: `InfeasibleError` with the attribute
/// `relaxation`.
class InfeasiblePlan : public InfeasibleError {
  public:
    /// @param text the message with the smallest relaxation.
    /// @param relaxation the relaxation, row by row.
    InfeasiblePlan(const std::string& text, std::vector<Relaxation> relaxation);
    /// @return the smallest relaxation that was found: one entry for every row that must change.
    [[nodiscard]] const std::vector<Relaxation>& relaxation() const { return relaxation_; }

  private:
    std::vector<Relaxation> relaxation_;
};

/// The best courses found, with everything that follows from them. Amounts are expectations.
struct Plan {
    Month start;                            ///< First month.
    int months = 0;                         ///< Number of months.
    std::vector<Course> courses;            ///< Per customer of the portfolio, then per prospect: its course.
    std::vector<Action> actions;            ///< By month, then step, then customer or prospect.
    std::vector<PlanMonth> trajectory;      ///< One entry a month.
    std::vector<PlannedOverflow> overflow;  ///< Customers that flow over, by month, then coldest first.
    std::vector<FloorRow> floors;           ///< The rows of the floor, in order of time.
    std::vector<FloorRow> group_floors;     ///< The same of groups, in the order of Strategy::groups.
    double floor_chance = std::numeric_limits<double>::quiet_NaN();  ///< Chance that all floors of the strategy hold;
                                                                     ///< of several, joint normal. NaN without a
                                                                     ///< deviation or without floors.
    std::vector<RelaxedRow> relaxed;                                 ///< Rows that the plan misses; empty: none.
    Month reference = no_month;          ///< First month of the reference year; no_month where none is known.
    std::vector<ResourceUse> resources;  ///< Sales hours, deliveries, money and offers: their use against each limit.
    std::vector<ShadowPrice> shadow_prices;  ///< One entry for every constraint; none of a nearest plan.
    Budget budget;                           ///< Level and heat per month and source, in whole cents.
    double value = 0;                        ///< Discounted heat of the whole bucket over the horizon: the objective.
    double bound = 0;  ///< Upper bound of the value of any plan within the constraints, for any order of overflow, and
                       ///< whatever the chance of its floors; with a price of switches, of any that switches no more
                       ///< than this one.
    double gap = 0;    ///< (bound - value) / max(|value|, 1e-12).
    double duality_gap = 0;      ///< bound - value of the best plan found for any order of overflow, currency.
    double order_gap = 0;        ///< That value - this plan's, currency, >= 0: at most what the order costs.
    double chance_cost = 0;      ///< Value of the plan without Strategy::chance - this plan's, currency, >= 0.
    double baseline_value = 0;   ///< Discounted heat without any action.
    double customers_after = 0;  ///< Customers expected at the end: those who stay, and newcomers who are won.
    double ice_cubes_after = 0;  ///< Customers of the portfolio expected to stay with a negative heat over the plan's
                                 ///< months: on new terms or on the old ones, by chance; action plans as expected.
    Matrix level_change;         ///< (Customers + prospects) x months: expected change of level by the chosen course.
    Matrix heat_change;          ///< (Customers + prospects) x months: expected change of heat by the chosen course.
    std::size_t candidates = 0;  ///< Number of courses to choose from.
    int iterations = 0;          ///< Cutting-plane iterations.
    std::size_t effort = 0;      ///< Steps of work, which PlanOptions::effort limits.
    std::vector<std::string> notes;  ///< Remarks on the input and on how the plan was found.

    /// The months of a row in words. A floor counts only months whose floor is finite in the trajectory.
    /// @param row a row of `floors`, or of `relaxed`.
    /// @return for instance "2022-01 to 2022-12", or "2022-01, 2022-03 to 2022-12" where a month has no floor.
    [[nodiscard]] std::string span(const FloorRow& row) const;
    /// @copydoc span(const FloorRow&) const
    [[nodiscard]] std::string span(const RelaxedRow& row) const;
    /// @return the value of all actions together: value - baseline_value.
    [[nodiscard]] double gain() const { return value - baseline_value; }
    /// The gap as a share of the gain, a stricter measure than `gap`.
    /// @return (bound - value) / max(|gain|, 1e-12).
    [[nodiscard]] double gain_gap() const;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/plan.ipp"
#endif
