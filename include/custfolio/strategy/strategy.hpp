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

/// Below what the level must not fall.
enum class Floor {
    none,      ///< No floor.
    current,   ///< The level of the same calendar month of the reference period, so that a season is not a drop.
    baseline,  ///< What the bucket would hold without any action: always feasible.
    number,    ///< The same amount for every month: `floor_level` has one entry.
    column     ///< An amount for each month: `floor_level` has one entry a month.
};

/// How a plan is computed; nothing of it changes what the plan is about.
struct PlanOptions {
    unsigned threads = 0;                  ///< 0 means all cores; the plan has the same bits for any number.
    double tolerance = 1e-9;               ///< See ChoiceOptions::tolerance.
    std::size_t nodes = 50'000;            ///< See ChoiceOptions::nodes.
    std::function<bool(double)> progress;  ///< Called from the calling thread with a fraction that never falls; false
                                           ///< stops with Cancelled. What it throws passes through.
};

/// What a plan must keep to, and the assumptions it rests on. A plain aggregate:
///
///     custfolio::Strategy strategy{.start = {2022y / 1}, .months = 12};
///     custfolio::Plan plan = strategy.optimise(statement.portfolio(), offers, growth, prospects);
///
/// **Courses.** Every customer: keep; any of its offers in any month, whoever refuses staying on the old terms or
/// flowing over in a later month; each with or without its action plans. Every prospect: leave, or pursue in any month.
/// Everyone takes one course; the expected discounted heat of all is maximised under the rows: level >= floor in every
/// month, level
/// <= capacity, resources <= limits.
///
/// **Expectation.** Without action a customer brings its baseline; where none is given, seasonal_baseline(). What an
/// offer changes, and deliveries, follow the customer's activity(): one that is expected to be half evaporated brings
/// half of its offer's change. An offer made in month a and accepted with probability p changes level, heat and
/// deliveries by p times its change from month a + `notice_months` on. Who refuses (1 - p) takes its baseline with it
/// when it flows over, but for the costs that stay, and what its action plans would have brought. An action plan
/// brings what the growth forecast expects. A prospect pursued in month a and won with probability w brings w times its
/// level from month a + `lead_months` on, growing over its ramp; without season.
///
/// **Overflow.** In the plan ice cubes flow over coldest first, each only once replaced: see displace(). The bound
/// leaves them free to flow in any order, so it holds for every order.
struct Strategy {
    Month start;                        ///< First month of the plan.
    int months = 12;                    ///< Number of months, 1..120.
    Floor floor = Floor::current;       ///< Below what the level must not fall.
    std::vector<double> floor_level{};  ///< For Floor::number one amount, for Floor::column one a month, currency.
    std::vector<double> capacity{};     ///< Empty: none; one amount for every month, or one a month, currency.
    std::map<std::string, std::vector<double>> limits{};  ///< "sales_hours", "deliveries", "money", "offers": one
                                                          ///< number for the whole horizon, or one a month; >= 0.
    double discount_rate = 0;            ///< A year, > -1: the heat of month m counts (1 + rate)^(-m / 12).
    int notice_months = 1;               ///< Months from an offer to its answer, when new terms begin, >= 0.
    int lead_months = 1;                 ///< Months from a pursuit's start to the newcomer's first month, >= 0.
    double hours_per_offer = 0;          ///< Sales hours that an offer takes, >= 0.
    double cost_per_offer = 0;           ///< Money that an offer costs in its month, currency, >= 0; lowers the heat.
    double cost_per_pursuit = 0;         ///< Money that a pursuit costs in its month, currency, >= 0; lowers the heat.
    int interval = 1;                    ///< Actions may begin in every `interval`-th month, >= 1.
    std::vector<std::string> refused{};  ///< Identities of customers that refused earlier: they may flow over from the
                                         ///< first month on without an offer.

    /// Makes the best plan.
    /// @param portfolio the customers of the reference period.
    /// @param offers the offers to them; those of another portfolio are refused.
    /// @param growth what their action plans bring; must cover the horizon unless it has no plans.
    /// @param prospects the newcomers that may be pursued.
    /// @param options how it is computed.
    /// @return the plan; every month keeps its floor and capacity, and all limits are kept.
    /// @throws InfeasiblePlan where no plan keeps all constraints; it carries the smallest relaxation.
    /// @throws InputError where a setting is out of range or input does not fit (the text names it).
    /// @throws NotFoundError where an action plan or `refused` names a customer that the portfolio does not have.
    /// @throws Cancelled where `progress` returned false.
    [[nodiscard]] Plan optimise(const Portfolio& portfolio, const Offers& offers = {},
                                const GrowthForecast& growth = {}, std::span<const Prospect> prospects = {},
                                const PlanOptions& options = {}) const;
    /// The same on a baseline of its own.
    /// @param portfolio the customers of the reference period.
    /// @param offers the offers to them.
    /// @param growth what their action plans bring.
    /// @param prospects the newcomers that may be pursued.
    /// @param baseline what the customers bring without any action; must cover the horizon.
    /// @param options how it is computed.
    /// @return the plan.
    /// @throws InfeasiblePlan, InputError, NotFoundError, Cancelled as above; InputError also where the baseline does
    /// not fit.
    [[nodiscard]] Plan optimise(const Portfolio& portfolio, const Offers& offers, const GrowthForecast& growth,
                                std::span<const Prospect> prospects, const Baseline& baseline,
                                const PlanOptions& options = {}) const;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/strategy.ipp"
#endif
