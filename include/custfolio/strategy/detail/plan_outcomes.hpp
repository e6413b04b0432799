// What the courses of a plan change by chance: answers to offers, wins of prospects, and action plans.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "custfolio/distribution/distribution.hpp"
#include "custfolio/distribution/monthly_amounts.hpp"
#include "custfolio/distribution/sum_distribution.hpp"
#include "custfolio/growth/growth_forecast.hpp"
#include "custfolio/strategy/plan.hpp"

namespace custfolio {

class CourseModel;  // defined in courses.hpp, whose definitions need this header

namespace detail {

/// Adds the outcome of a customer to that of others with the same answer.
/// @param sum receives it.
/// @param one an outcome.
void add_outcome(CourseOutcome& sum, CourseOutcome one);

/// The changes of level and heat by chosen courses as random amounts. Answers, wins and action plans are independent of
/// each other; action plans depend on each other as their forecast has it, but for those of customers that may leave.
/// Refers to its arguments, which must outlive it.
class PlanOutcomes {
  public:
    /// @param model the courses.
    /// @param growth the forecast of the action plans.
    /// @param start first month of the plan.
    /// @param chosen per customer and prospect: its course.
    PlanOutcomes(const CourseModel& model, const GrowthForecast& growth, Month start, std::span<const Course> chosen);

    /// @param weights per month of the plan.
    /// @param payoff revenue for the level, contribution for the heat.
    /// @return the variance of the weighted sum of months of the action plans, squared currency. The part that leaves
    /// with a customer counts by the root of the chance that it stays: right for months on one side of the leaving.
    [[nodiscard]] double growth_variance(std::span<const double> weights, Payoff payoff) const;
    /// @param weights per month of the plan.
    /// @return the weighted sum of the changes of level by months; right but for a constant.
    [[nodiscard]] Distribution level(std::span<const double> weights) const;

  private:
    // A customer with action plans that flows over.
    struct Leaver {
        std::vector<std::size_t> plans;
        std::size_t month = 0;    // from which on it is gone
        CourseOutcome outcome{};  // of the answer, without action plans
    };
    [[nodiscard]] Distribution growth(const std::vector<std::size_t>& plans, std::vector<double> shares, Payoff payoff,
                                      const SumOptions& options) const;

    const GrowthForecast& growth_;
    Month start_;
    std::vector<std::size_t> plans_;  // of customers that stay
    std::vector<Leaver> leavers_;
    std::vector<CourseOutcome> outcomes_;  // of all other answers, and of wins
};

}  // namespace detail
}  // namespace custfolio

#ifdef CUSTFOLIO_HEADER_ONLY
#include "custfolio/strategy/detail/plan_outcomes.ipp"
#endif
