// Plan: what to do with whom in which month, what it brings, and how good it is proven to be.
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

namespace custfolio {

/// The five steps, in the order in which a strategy runs them.
enum class Step {
    selection,    ///< Which customers to keep.
    remediation,  ///< New terms for the cold and the lukewarm.
    anchoring,    ///< A fixed place in the agenda.
    growth,       ///< Action plans with customers.
    acquisition   ///< New customers.
};

/// @param step a step.
/// @return its name: "selection", "remediation", "anchoring", "growth" or "acquisition".
std::string to_string(Step step);

/// What is done with one customer or prospect over the horizon. "Keep" (or "leave", for a prospect) is a course without
/// offer, plans and months.
struct Course {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);  ///< No offer.

    std::size_t offer = none;        ///< Position among all offers; none: no offer.
    int month = -1;                  ///< Month of the offer or of the pursuit, 0-based; -1: neither.
    int overflow = -1;               ///< First month without those who refused, 0-based; -1: they stay.
    std::vector<std::size_t> plans;  ///< Positions of the action plans that are carried out.

    /// Same course.
    /// @return whether the two are the same.
    bool operator==(const Course&) const = default;
};

/// Something to do.
struct Action {
    Month month;                    ///< When it begins.
    Step step = Step::remediation;  ///< Which of the five steps it belongs to.
    bool prospect = false;          ///< Whether it is about a prospect (else about a customer).
    std::size_t who = 0;            ///< Row of the portfolio, or position among the prospects.
    std::string id;                 ///< Identity of the customer or prospect.
    std::string name;               ///< Its name for people.
    std::string what;               ///< What to do.
    std::string why;                ///< One sentence with the figures behind it; amounts are expectations.
    double level = 0;               ///< Expected change of level within the horizon, currency.
    double heat = 0;                ///< Expected change of heat within the horizon, currency, not discounted.
    double hours = 0;               ///< Expected sales hours within the horizon.
    std::size_t item = 0;           ///< Position of the offer, action plan or prospect.
};

/// The bucket in one month of the plan, in expectation.
struct PlanMonth {
    Month month;                                                ///< Which month.
    double level = 0;                                           ///< Net revenue, currency.
    double heat = 0;                                            ///< Contribution, currency.
    double floor = -std::numeric_limits<double>::infinity();    ///< The level must not be below; -infinity: no floor.
    double capacity = std::numeric_limits<double>::infinity();  ///< The level must not be above; infinity: no capacity.
    double baseline_level = 0;                                  ///< Net revenue without any action, currency.
    double baseline_heat = 0;                                   ///< Contribution without any action, currency.

    /// Standard deviation of the level, currency: of the baseline, of answers to offers and of wins, taken as
    /// independent; not of action plans. NaN where the baseline does not know its own.
    double level_deviation = std::numeric_limits<double>::quiet_NaN();
    double heat_deviation = std::numeric_limits<double>::quiet_NaN();  ///< The same of the heat, currency.

    /// @return heat / level as a fraction; NaN at or below a level of 0.
    [[nodiscard]] double temperature() const { return temperature_of(level, heat); }
    /// @return heat / level without any action, as a fraction; NaN at or below a level of 0.
    [[nodiscard]] double baseline_temperature() const { return temperature_of(baseline_level, baseline_heat); }
};

/// Who or what has replaced a part of the level that flows over.
struct Replacement {
    Step step = Step::acquisition;  ///< The step that brought it.
    std::string id;                 ///< Identity of the customer or prospect.
    std::string name;               ///< Its name for people.
    double level = 0;               ///< Level that counts as replaced by it, currency, to the end of the horizon.
};

/// A customer that accepted no change and flows over once its level has been replaced.
struct PlannedOverflow {
    std::size_t customer = 0;  ///< Row of the portfolio.
    std::string id;            ///< Its identity.
    std::string name;          ///< Its name for people.
    Month month;               ///< First month without it.
    double probability = 1;    ///< Chance that it refuses: the amounts below count so much of it.
    double level = 0;          ///< Expected level that leaves from that month to the end of the horizon, currency.
    double heat = 0;           ///< Expected avoidable heat that leaves with it; negative: so much is gained.
    std::vector<Replacement> replaced_by;  ///< What has replaced the level by then, earliest first; what exceeds their
                                           ///< sum was above the floor from the beginning.
    std::string why;                       ///< One sentence with the figures behind it.
};

/// What one more unit of a constraint is worth.
struct ShadowPrice {
    std::string row;       ///< "level floor", "level capacity", "sales_hours", "deliveries", "money" or "offers".
    bool monthly = false;  ///< Whether it holds for one month (else for the whole horizon).
    Month month;           ///< The month, where it holds for one.
    double price = 0;      ///< Discounted heat that one unit more of room is worth, >= 0.
    std::string text;      ///< The same in words.
};

/// How much of a limited resource a plan uses.
struct ResourceUse {
    std::string resource;  ///< "sales_hours", "deliveries", "money" or "offers".
    bool monthly = false;  ///< Whether the limit holds for one month (else for the whole horizon).
    Month month;           ///< The month, where it holds for one.
    double used = 0;       ///< Expected use, in the resource's unit.
    double limit = std::numeric_limits<double>::infinity();  ///< The limit; infinity where there is none.
};

/// How far one constraint would have to give way.
struct Relaxation {
    std::string row;       ///< "level floor", "level capacity", "sales_hours", "deliveries", "money" or "offers".
    bool monthly = false;  ///< Whether it holds for one month (else for the whole horizon).
    Month month;           ///< The month, where it holds for one.
    double bound = 0;      ///< What was asked.
    double by = 0;         ///< How far it must give way, > 0; rounded up to a hundredth.
    double to = 0;         ///< What would be feasible together with the other relaxations.
    std::string text;      ///< The same in words.
};

/// No plan keeps all constraints. Python: `InfeasibleError` with the attribute `relaxation`.
class InfeasiblePlan : public InfeasibleError {
  public:
    /// @param text what is wrong and the smallest relaxation, in words.
    /// @param relaxation the relaxation, row by row.
    InfeasiblePlan(const std::string& text, std::vector<Relaxation> relaxation);
    /// @return the smallest relaxation that was found: one entry for every row that must give way.
    [[nodiscard]] const std::vector<Relaxation>& relaxation() const { return relaxation_; }

  private:
    std::vector<Relaxation> relaxation_;
};

/// The best courses found, with everything that follows from them. Amounts are expectations.
struct Plan {
    Month start;                            ///< First month.
    int months = 0;                         ///< Number of months.
    std::vector<Course> courses;            ///< Per customer of the portfolio, then per prospect: what is done.
    std::vector<Action> actions;            ///< By month, then step, then customer or prospect.
    std::vector<PlanMonth> trajectory;      ///< One entry a month.
    std::vector<PlannedOverflow> overflow;  ///< Who flows over, by month, then coldest first.
    std::vector<ResourceUse> resources;  ///< Sales hours, deliveries, money and offers: their use against each limit.
    std::vector<ShadowPrice> shadow_prices;  ///< One entry for every constraint.
    Budget budget;                           ///< Level and heat per month and source, in whole cents.
    double value = 0;  ///< Discounted heat of the whole bucket over the horizon: what is maximised.
    double bound = 0;  ///< No plan that keeps the constraints is worth more, in whatever order ice cubes flow over.
    double gap = 0;    ///< (bound - value) / max(|value|, 1e-12).
    double baseline_value = 0;   ///< Discounted heat without any action.
    Matrix level_change;         ///< (Customers + prospects) x months: expected change of level by the chosen course.
    Matrix heat_change;          ///< (Customers + prospects) x months: expected change of heat by the chosen course.
    std::size_t candidates = 0;  ///< Number of courses that the plan was chosen from.
    int iterations = 0;          ///< Cutting-plane iterations.
    std::vector<std::string> notes;  ///< What is worth knowing about how input was read.

    /// @return what all actions together are worth: value - baseline_value.
    [[nodiscard]] double gain() const { return value - baseline_value; }
    /// The gap as a share of what the actions bring, a stricter measure than `gap`.
    /// @return (bound - value) / max(|gain|, 1e-12).
    [[nodiscard]] double gain_gap() const;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/plan.ipp"
#endif
