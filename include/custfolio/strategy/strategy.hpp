// Strategy: horizon, floor, limits and assumptions, and the optimisation that makes a plan of them.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "custfolio/acquisition/prospects.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/remediation/offers.hpp"
#include "custfolio/strategy/plan.hpp"

namespace custfolio {

/// The kind of floor of the level.
enum class Floor {
    none,      ///< No floor.
    current,   ///< The level of the same calendar month of the reference period, so that a season is not a drop.
    baseline,  ///< The level without any action: always feasible.
    number,    ///< The same amount for every month: `floor_level` has one entry.
    column     ///< An amount for each month: `floor_level` has one entry per month.
};

/// @param floor any value.
/// @return its name: "none", "current", "baseline", "number" or "column".
/// @throws InputError for a number that is none of them.
std::string to_string(Floor floor);

/// Settings of the computation.
struct PlanOptions {
    unsigned threads = 0;                    ///< 0 means all cores; the plan has the same bits for any number.
    double tolerance = 1e-9;                 ///< See ChoiceOptions::tolerance.
    std::size_t nodes = 50'000;              ///< See ChoiceOptions::nodes.
    std::function<bool(double)> progress{};  ///< Called from the calling thread with a fraction that never falls; false
                                             ///< stops with Cancelled. Its own exceptions pass through.
};

/// Constraints and assumptions of a plan. A plain aggregate:
///
///     custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12};
///     custfolio::Plan plan = strategy.optimise(statement.portfolio(), offers, growth, prospects);
///
/// **Courses.** A customer: keep, or any of its offers in any month. After a refusal it stays on the old terms or flows
/// over in a later month. Each course is with or without its action plans. A prospect: leave, or pursue in any month.
/// Each gets one course. The objective is the expected discounted heat of all. The rows are: level >= floor in every
/// month, level <= capacity, resources <= limits.
///
/// **Expectation.** Without action a customer brings its baseline; the default is seasonal_baseline(). The change by an
/// offer, and deliveries, follow the customer's activity(): one that is expected to be half evaporated brings half of
/// its offer's change. An offer in month a with acceptance p changes level, heat and deliveries by p times its change
/// from month a + `notice_months` on. With chance 1 - p it is refused. If the customer then flows over, its baseline
/// leaves, except the costs that stay, and so do the amounts of its action plans. An action plan brings the expectation
/// of the growth forecast. A prospect pursued in month a and won with probability w brings w times its level from month
/// a + `lead_months` on, growing over its ramp; without season.
///
/// **Overflow.** In the plan ice cubes flow over coldest first, each only once replaced: see displace(). The bound is
/// for any order.
struct Strategy {
    Month start = no_month;             ///< First month of the plan; required, after the reference period.
    int months = 12;                    ///< Number of months, 1..120.
    Floor floor = Floor::current;       ///< The kind of floor.
    std::vector<double> floor_level{};  ///< For Floor::number one amount, for Floor::column one per month, currency.
    std::vector<double> capacity{};     ///< Empty: none; one amount for every month, or one per month, currency.
    std::map<std::string, std::vector<double>> limits{};  ///< "sales_hours", "deliveries", "money", "offers": one
                                                          ///< number for the whole horizon, or one per month; >= 0.
    double discount_rate = 0;            ///< A year, > -1: the heat of month m counts (1 + rate)^(-m / 12).
    int notice_months = 1;               ///< Months from an offer to its answer, when new terms begin, >= 0.
    int lead_months = 1;                 ///< Months from a pursuit's start to the newcomer's first month, >= 0.
    double hours_per_offer = 0;          ///< Sales hours of an offer, >= 0.
    double cost_per_offer = 0;           ///< Cost of an offer in its month, currency, >= 0; lowers the heat.
    double cost_per_pursuit = 0;         ///< Cost of a pursuit in its month, currency, >= 0; lowers the heat.
    int interval = 1;                    ///< Actions may begin in every `interval`-th month, >= 1.
    std::vector<std::string> refused{};  ///< Identities of customers that refused earlier: they may flow over from the
                                         ///< first month on without an offer.

    /// Makes the best plan.
    /// @param portfolio the customers of the reference period.
    /// @param offers the offers to them.
    /// @param growth the forecast of their action plans; must cover the horizon unless it has no plans.
    /// @param prospects the newcomers that may be pursued; a vector of prospects converts.
    /// @param options settings of the computation.
    /// @return the plan; every month keeps its floor and capacity, and all limits are kept.
    /// @throws InfeasiblePlan where no plan is within all constraints; it has the smallest relaxation.
    /// @throws InputError where a setting is out of range, the start is missing or not after the reference period,
    /// offers, prospects or baseline are of another portfolio, or input does not fit (the message names it).
    /// @throws NotFoundError where an action plan or `refused` names a customer outside the portfolio.
    /// @throws Cancelled where `progress` returned false.
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

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/strategy.ipp"
#endif
