// What the binding files of room `strategy` share: the settings of a strategy, and what a plan was made with.
#pragma once

#include <pybind11/pybind11.h>

#include <optional>

#include "custfolio/strategy/plan_inputs.hpp"
#include "custfolio/strategy/strategy.hpp"

/// The strategy of a dict of settings; raises what its cells do not allow.
custfolio::Strategy strategy_of(const pybind11::dict& settings);

namespace custfolio::bindings {

/// The inputs of a plan, with empty ones for those that were not given.
class OwnedInputs {
  public:
    OwnedInputs(const pybind11::dict& settings, const custfolio::Portfolio& portfolio, const custfolio::Offers* offers,
                const custfolio::GrowthForecast* growth, const custfolio::Prospects* prospects,
                const custfolio::Baseline* baseline)
        : strategy_(strategy_of(settings)),
          portfolio_(portfolio),
          offers_(offers),
          growth_(growth),
          prospects_(prospects),
          baseline_(baseline) {
        if (baseline == nullptr) {
            seasonal_ = custfolio::seasonal_baseline(portfolio, strategy_.start, strategy_.months);
        }
    }

    [[nodiscard]] custfolio::PlanInputs all() const {
        return {strategy_,
                portfolio_,
                offers_ ? *offers_ : no_offers_,
                growth_ ? *growth_ : no_growth_,
                prospects_ ? *prospects_ : no_prospects_,
                baseline_ ? *baseline_ : *seasonal_};
    }

  private:
    custfolio::Strategy strategy_;
    const custfolio::Portfolio& portfolio_;
    const custfolio::Offers* offers_;
    const custfolio::GrowthForecast* growth_;
    const custfolio::Prospects* prospects_;
    const custfolio::Baseline* baseline_;
    custfolio::Offers no_offers_;
    custfolio::GrowthForecast no_growth_;
    custfolio::Prospects no_prospects_;
    std::optional<custfolio::Baseline> seasonal_;
};

}  // namespace custfolio::bindings
