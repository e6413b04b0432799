// Strategy: horizon, floor, limits and assumptions, and the optimisation that makes a plan of them.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "custfolio/acquisition/prospects.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/portfolio/money.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/remediation/offers.hpp"
#include "custfolio/strategy/exits.hpp"
#include "custfolio/strategy/floor_kinds.hpp"
#include "custfolio/strategy/group_rows.hpp"
#include "custfolio/strategy/plan.hpp"
#include "custfolio/strategy/previous_courses.hpp"

namespace custfolio {

/// What becomes of floors and capacities that no plan keeps.
enum class Relax {
    baseline,  ///< A floor falls to the level without action, a capacity rises to it; then most heat.
    nearest    ///< The level comes as near as possible, in the sum over all rows; then most heat.
};

/// @param relax any value.
/// @return its name: "baseline" or "nearest".
/// @throws InputError for a number that is none of them.
std::string to_string(Relax relax);

/// How far the optimisation of a plan is.
struct PlanProgress {
    double fraction = 0;                                      ///< Of the work; never falls.
    double value = std::numeric_limits<double>::quiet_NaN();  ///< Discounted heat of the best plan so far; NaN: none.
    double bound = std::numeric_limits<double>::infinity();   ///< No plan is worth more; infinity: not yet known.

    /// @return (bound - value) / max(|value|, 1e-12); NaN without a plan, infinity without a bound.
    [[nodiscard]] double gap() const { return (bound - value) / std::max(std::abs(value), 1e-12); }
};

/// Settings of the computation.
struct PlanOptions {
    unsigned threads = 0;            ///< 0 means all cores; the plan has the same bits for any number.
    double tolerance = 1e-9;         ///< See ChoiceOptions::tolerance.
    std::size_t nodes = 50'000;      ///< See ChoiceOptions::nodes.
    std::size_t listed = 4'000'000;  ///< Courses x rows that are listed at most. With more, prices are found
                                     ///< without a list; then courses near to the best ones are searched. The
                                     ///< bound is that of all courses.
    std::size_t effort = 0;  ///< Steps of work at most: iterations of the prices, checked plans and parts of the
                             ///< search; 0: no limit. Then the best plan so far is the answer, with the same bits
                             ///< each time.
    std::function<bool(const PlanProgress&)> progress{};  ///< Called from the calling thread. False ends the search
                                                          ///< with the best plan so far. Its own exceptions pass
                                                          ///< through.
};

/// Constraints and assumptions of a plan. A plain aggregate:
///
///     custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12};
///     custfolio::Plan plan = strategy.optimise(statement.portfolio(), offers, growth, prospects);
///
/// **Courses.** A customer: keep, or any of its offers in any month. After a refusal it stays on the old terms or flows
/// over in a later month. Each course is with or without its action plans. A prospect: leave, or pursue in any month.
/// Each gets one course. The objective is the expected discounted heat of all.
///
/// **Expectation.** Without action a customer brings its baseline; the default is seasonal_baseline(). The change by an
/// offer, and deliveries, follow the customer's activity(): one that is expected to be half evaporated brings half of
/// its offer's change. An offer in month a with acceptance p changes level, heat and deliveries by p times its change
/// from month a + `notice_months` on. With chance 1 - p it is refused. If the customer then flows over, its baseline
/// leaves, except the costs that stay, and so do the amounts of its action plans. An action plan brings the expectation
/// of the growth forecast. A prospect pursued in month a and won with probability w brings w times its level from month
/// a + `lead_months` on, growing over its ramp; without season.
///
/// **Floor.** The level of every row of months (`floor_every`) must reach the floor. The reference year is the last
/// twelve whole months before the start. The last month is whole if the ledger has a line in its last two weeks. Months
/// that it does not have count on neither side; a row of such months has no floor. A number is the floor of a full row.
/// A shorter row gets the share of its months in the reference year, or their share of the row's months where the
/// reference is not known or not positive.
///
/// **A plan is always made.** Where no plan keeps all floors and capacities, the nearest plan shows which rows fall;
/// they fall to the level without action. Plan::relaxed has them. The nearest plan has the least sum of missing level
/// and excess. It misses no row by more than without action, unless limits leave no other. Limits are never relaxed.
///
/// **Chance.** With `chance` each floor is reached with that chance, not only in expectation. A floor rises by z times
/// the deviation of its row's own level: of the baseline, answers, wins and action plans. Where that level is not
/// normal, its own quantile counts. Each plan has its own deviation, so plans are made until one fits, at most 20. Of
/// plans that alternate the best one with the chance is taken. Where none has it, the row falls to the floor in
/// expectation, and Plan::relaxed has it.
///
/// **Stopped early** by PlanOptions::effort or `progress`, the plan is the best one so far. Without one, nobody acts,
/// and floors and capacities fall to the level without action.
///
/// **Overflow.** An ice cube is a customer whose refusal is known: from the answer to its offer on, or always where it
/// is in `refused` and gets no new offer.
/// - *Replacement.* In every month m: out[m] <= in[m]. out: over those who have left, max(0, level without action)
/// times
///   the chance of refusal. in: over all, max(0, expected change by new terms and action plans), less what leaves of
///   the action plans with the customer; and max(0, expected level) of newcomers. Nobody replaces himself: out of
///   customer i <= in - in of customer i.
/// - *Room* above the floor does not replace, unless `replaced_by_room`. A month's share of its row's room is that of
///   its level without action. The least counts where rows overlap; there is no end of room without a floor.
/// - *No loss.* Nobody leaves in a month from which on the course is worth less than without leaving.
/// - *Order.* Coldest first: by avoidable heat / level without action over the horizon; without level coldest if it
///   costs money; then less heat, then the earlier row. One leaves in month b only if every colder ice cube whose
///   refusal is known by b has left by b. Excepted is one that gains by leaving in no month after its answer, and one
///   that alone would not be replaced from b on, by all that others bring.
/// - Customers in `interesting` leave only if in `may_leave`.
///
/// - *Exits.* A customer in `exits` leaves by its way out. What stays of level and heat neither leaves nor is replaced.
///   Its action plans end.
///
/// **Linked customers** act as one: they get the same offer (of one lever, each with the amount of its own) in the same
/// month, give one answer, and leave together. Its chance is the mean over those who are asked, weighted by revenue.
/// All amounts are the sums of theirs, also in the order of overflow. The offer takes hours and money once. A customer
/// without an offer of that lever is not asked, but leaves with the others. Each has its own action plans. What one
/// brings does not replace another. If one refused earlier or is kept, so are all.
///
/// **A previous plan.** A course that differs from the one in `previous` is a switch. Each switch costs `switch_price`,
/// which is not a part of the heat; the limit "switches" caps their number. In the first `frozen_months` offers,
/// pursuits, action plans and overflow are those of the previous plan. What it had before the start counts as done.
/// Courses that are new, or no longer possible, are no switches. The bound then holds for plans with as many switches.
///
/// The bound is for any order.
struct Strategy {
    Month start = no_month;             ///< First month of the plan; required, after the reference period.
    int months = 12;                    ///< Number of months, 1..120.
    Floor floor = Floor::current;       ///< The kind of floor.
    std::vector<double> floor_level{};  ///< For Floor::number one amount, for Floor::column one a row, currency.
    FloorEvery floor_every = FloorEvery::year;  ///< The rows of the floor.
    double chance = 0;               ///< Chance that each floor holds, in [0.5, 1); 0: it holds in expectation.
    Month reference = no_month;      ///< First month of the reference year; no_month: the last twelve whole months.
    std::vector<double> capacity{};  ///< Empty: none; one amount for every month, or one per month, currency.
    std::map<std::string, std::vector<double>> limits{};  ///< "sales_hours", "deliveries", "money", "offers": one
                                                          ///< number for the whole horizon, or one per month; >= 0.
                                                          ///< Offers without a chance do not count as offers.
                                                          ///< "switches": one number; counts with a previous plan.
    std::vector<GroupRows> groups{};                      ///< Groups with floors and limits of their own.
    double discount_rate = 0;            ///< A year, > -1: the heat of month m counts (1 + rate)^(-m / 12).
    int notice_months = 1;               ///< Months from an offer to its answer, when new terms begin, >= 0.
    int lead_months = 1;                 ///< Months from a pursuit's start to the newcomer's first month, >= 0; a
                                         ///< prospect may have its own.
    double hours_per_offer = 0;          ///< Sales hours of an offer, >= 0.
    std::string hours_pool{};            ///< Pool of the cost model whose minutes are sales hours: what accepted offers
                                         ///< free of it, by Offers::minutes_freed, can be used again; empty: none.
    double cost_per_offer = 0;           ///< Cost of an offer in its month, currency, >= 0; lowers the heat.
    double cost_per_pursuit = 0;         ///< Cost of a pursuit in its month, currency, >= 0; lowers the heat.
    int interval = 1;                    ///< Offers and pursuits may begin in every `interval`-th month, >= 1.
    std::vector<std::string> refused{};  ///< Identities of customers that refused earlier: they may flow over from the
                                         ///< first month on without an offer.
    std::vector<std::string> interesting{};       ///< Identities of customers that are kept as interesting.
    std::vector<std::string> may_leave{};         ///< Those of them that may flow over all the same.
    std::map<std::string, std::string> linked{};  ///< Identity of a customer to the name of its holding.
    std::vector<Exit> exits{};                    ///< Ways out, one a customer.
    std::vector<PreviousCourse> previous{};       ///< Courses of an earlier plan, of previous_courses(); empty: none.
    double switch_price = 0;        ///< Price of a course that differs from the previous plan, currency, >= 0.
    int frozen_months = 0;          ///< First months whose actions are those of the previous plan, 0..months.
    bool replaced_by_room = false;  ///< Whether room above the floor counts as replacement.
    Relax relax = Relax::baseline;  ///< What becomes of rows that no plan keeps.
    bool strict = false;            ///< Whether to throw instead of relaxing rows.
    Currency currency{};            ///< The currency of all amounts; the budget is in its units, or in whole
                                    ///< ones where they would not be exact.

    /// Checks the settings alone; optimise() checks them too.
    /// @throws InputError where the start is missing, or a setting is out of range; the message names it.
    void check() const;
    /// Makes the best plan.
    /// @param portfolio the customers of the reference period.
    /// @param offers the offers to them.
    /// @param growth the forecast of their action plans; must cover the horizon unless it has no plans.
    /// @param prospects the newcomers that may be pursued; a vector of prospects converts.
    /// @param options settings of the computation.
    /// @return the plan; all limits are kept, and all floors and capacities that are not in Plan::relaxed.
    /// @throws InfeasiblePlan where no plan keeps the limits, or with `strict` where none keeps all rows; it has a
    /// relaxation that helps.
    /// @throws InputError where a setting is out of range, the start is missing or not after the reference period,
    /// a `reference` year has no month in the data,
    /// offers, prospects or baseline are of another portfolio, or input does not fit (the message names it).
    /// @throws NotFoundError where an action plan, `refused`, `interesting`, `may_leave`, `linked` or `exits` names a
    /// customer outside the portfolio.
    /// @throws Cancelled where the search was stopped before there was a plan, and doing nothing breaks a limit, or
    /// with `strict` any row.
    [[nodiscard]] Plan optimise(const Portfolio& portfolio, const Offers& offers = {},
                                const GrowthForecast& growth = {}, const Prospects& prospects = {},
                                const PlanOptions& options = {}) const;
    /// The same on a baseline of its own.
    /// @param portfolio the customers of the reference period.
    /// @param offers the offers to them.
    /// @param growth the forecast of their action plans.
    /// @param prospects the newcomers that may be pursued.
    /// @param baseline level and heat without any action; must cover the horizon.
    /// @param options settings of the computation.
    /// @return the plan.
    /// @throws InfeasiblePlan, InputError, NotFoundError, Cancelled as above; InputError also where the baseline does
    /// not fit.
    [[nodiscard]] Plan optimise(const Portfolio& portfolio, const Offers& offers, const GrowthForecast& growth,
                                const Prospects& prospects, const Baseline& baseline,
                                const PlanOptions& options = {}) const;
};

/// The warning of a plan that starts more than twelve months after the data.
/// @param start first month of the plan.
/// @param portfolio the customers; their last day with a line counts, or the last day of the period where it is not
/// known.
/// @return one sentence without a full stop; empty where the data is recent enough or has no period.
std::string late_start_text(Month start, const Portfolio& portfolio);

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/strategy.ipp"
#endif
