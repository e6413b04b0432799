// Outcomes: what new terms bring, at full cost for the target and at avoidable cost for the decision.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "custfolio/costing/cost_change.hpp"
#include "custfolio/costing/cost_model.hpp"
#include "custfolio/terms/terms.hpp"

namespace custfolio {

/// A customer before the offer: its activity, its orders, and the contribution that the statement shows.
struct Position {
    Volume volume{};          ///< Activity of the period on the old terms.
    double heat = 0;          ///< Contribution of the period on the old terms at full cost, currency.
    CustomerOrders orders{};  ///< Its orders; not known: formulas of averages stand for the replay.
    double days_to_pay = std::numeric_limits<double>::quiet_NaN();  ///< From invoice to payment; NaN: not known.
    double months = 12;                                             ///< Months of the period.
};

/// A customer on new terms.
struct Outcome {
    Volume after{};                       ///< Activity on the new terms.
    double burden = 0;                    ///< Extra cost for the customer as a share of its spend.
    double revenue_change = 0;            ///< Currency over the period.
    double heat_change = 0;               ///< dR - dGoods - change of avoidable cost, currency over the period.
    double full_change = 0;               ///< The same at full cost: the change that the statement will show.
    double temperature = 0;               ///< (heat + full_change) / revenue after; NaN where no revenue is left.
    double days_waited = 0;               ///< Mean days that goods come later, weighted by amount.
    double stock = 0;                     ///< Mean stock that the customer builds, currency.
    bool below_cost = false;              ///< Whether revenue after is below the cost of goods after.
    std::vector<double> minutes_freed{};  ///< Per pool of the cost model.
};

/// A cost model resolved for the terms and customers of one portfolio.
class TermsCosts {
  public:
    /// Resolves a model.
    /// @param costs the cost model, at the horizon of the decision; see CostModel::at_horizon().
    /// @param driver_names names of further drivers of the customers.
    /// @param orders orders of all customers; without any, products of drivers count as unchanged.
    /// @param levers terms whose activities are resolved; outcome() takes these levers at any amount.
    /// @throws NotFoundError where a rate's driver or an activity does not exist.
    TermsCosts(const CostModel& costs, std::span<const std::string> driver_names, const Orders& orders = {},
               std::span<const Terms> levers = {});

    /// @return the resolved model.
    [[nodiscard]] const CostChange& costs() const { return costs_; }
    /// @return what terms start from.
    /// @param before a customer.
    [[nodiscard]] TermsInput input(const Position& before) const;
    /// Applies terms to a customer.
    /// @param terms the change, checked.
    /// @param input the customer.
    /// @param heat its contribution at full cost, currency.
    /// @param minutes whether to count the minutes that are freed.
    /// @return the outcome if the terms are accepted.
    /// @throws InputError, NotFoundError as apply() does.
    [[nodiscard]] Outcome outcome(const Terms& terms, const TermsInput& input, double heat, bool minutes = true) const;

  private:
    void change_channel(const Terms& terms, const TermsInput& input, const TermsEffect& effect, Outcome& result) const;
    std::vector<std::string> driver_names_;
    CostChange costs_;
    OrderProducts products_;
    std::vector<std::pair<std::string, std::vector<CostChange::Channel>>> channels_;
};

/// Applies terms to one customer.
/// @param terms the change.
/// @param before the customer on the old terms.
/// @param costs the cost model.
/// @param driver_names names of `before.volume.further`.
/// @return the outcome if the terms are accepted.
/// @throws InputError, NotFoundError as apply() and TermsCosts do.
Outcome outcome(const Terms& terms, const Position& before, const CostModel& costs,
                std::span<const std::string> driver_names = {});

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/remediation/outcome.ipp"
#endif
