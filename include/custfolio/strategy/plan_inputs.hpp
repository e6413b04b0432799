// What a plan was made of: the inputs of everything that looks at a given plan.
#pragma once

#include <vector>

#include "custfolio/acquisition/prospects.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/lifetime/baseline.hpp"
#include "custfolio/portfolio/portfolio.hpp"
#include "custfolio/remediation/offers.hpp"
#include "custfolio/strategy/plan.hpp"
#include "custfolio/strategy/strategy.hpp"

namespace custfolio {

class CourseModel;  // defined in courses.hpp

/// The arguments of Strategy::optimise() that a plan was made with. Refers to them; they must outlive it.
struct PlanInputs {
    const Strategy& strategy;      ///< The settings.
    const Portfolio& portfolio;    ///< The customers.
    const Offers& offers;          ///< The offers to them.
    const GrowthForecast& growth;  ///< The forecast of their action plans.
    const Prospects& prospects;    ///< The newcomers.
    const Baseline& baseline;      ///< Level and heat without any action; seasonal_baseline() where none was given.

    /// @return the model of their courses.
    /// @throws InputError, NotFoundError as Strategy::optimise().
    [[nodiscard]] CourseModel model() const;
    /// @return per offer the chance that it is accepted: of linked customers that of their holding.
    /// @throws InputError, NotFoundError as Strategy::optimise().
    [[nodiscard]] std::vector<double> acceptance() const;
    /// Checks that a plan is of these inputs: its months, and the offers, action plans and months of its courses.
    /// @param plan a plan.
    /// @throws InputError where it is not; the message names the customer.
    void check(const Plan& plan) const;
};

}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/plan_inputs.ipp"
// Here and not in its own header, which the strategy needs: it needs the inputs.
#include "custfolio/strategy/previous_courses.ipp"
#endif
