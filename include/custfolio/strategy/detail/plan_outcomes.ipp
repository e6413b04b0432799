// Definitions of what the courses of a plan change by chance.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/strategy/courses.hpp"
#include "custfolio/strategy/detail/plan_outcomes.hpp"

namespace custfolio::detail {

CUSTFOLIO_INLINE PlanOutcomes::PlanOutcomes(const CourseModel& model, const GrowthForecast& growth, Month start,
                                            std::span<const Course> chosen)
    : growth_(growth), start_(start) {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        // A holding gives one answer for all its customers.
        std::vector<std::size_t> plans;
        CourseOutcome outcome;
        model.holdings().for_members(i, [&](std::size_t member) {
            Course course = chosen[member];
            plans.insert(plans.end(), course.plans.begin(), course.plans.end());
            if (course.overflow >= 0) course.plans.clear();
            add_outcome(outcome, model.outcome(member, course));
        });
        if (chosen[i].overflow >= 0 && !plans.empty()) {
            leavers_.push_back({std::move(plans), static_cast<std::size_t>(chosen[i].overflow), std::move(outcome)});
            continue;
        }
        plans_.insert(plans_.end(), plans.begin(), plans.end());
        if (outcome.probability > 0 && outcome.probability < 1) outcomes_.push_back(std::move(outcome));
    }
}

CUSTFOLIO_INLINE void add_outcome(CourseOutcome& sum, CourseOutcome one) {
    if (sum.level.empty()) {
        sum = std::move(one);
        return;
    }
    sum.probability = std::max(sum.probability, one.probability);  // one answer; 0 where there is none
    for (std::size_t m = 0; m < sum.level.size(); ++m) {
        sum.level[m] += one.level[m];
        sum.heat[m] += one.heat[m];
    }
}

CUSTFOLIO_INLINE Distribution PlanOutcomes::growth(const std::vector<std::size_t>& plans, std::vector<double> shares,
                                                   Payoff payoff, const SumOptions& options) const {
    if (plans.empty()) return {};
    MonthlySum sum;
    sum.items = plans;
    sum.first = start_;
    sum.shares = std::move(shares);
    sum.payoff = payoff;
    return growth_.sum(sum, options);
}

// The weights of months where those from one on count by a factor.
inline std::vector<double> weights_from(std::span<const double> weights, std::size_t month, double factor) {
    std::vector<double> all(weights.begin(), weights.end());
    for (std::size_t m = month; m < all.size(); ++m) all[m] *= factor;
    return all;
}

CUSTFOLIO_INLINE double PlanOutcomes::growth_variance(std::span<const double> weights, Payoff payoff) const {
    // The variance is that of the amounts, whatever the lattice: a coarse one is fast.
    const SumOptions coarse{.points = 16};
    double variance = growth(plans_, weights_from(weights, weights.size(), 1), payoff, coarse).variance();
    for (const Leaver& one : leavers_) {
        const double stays = std::sqrt(one.outcome.probability);
        variance += growth(one.plans, weights_from(weights, one.month, stays), payoff, coarse).variance();
    }
    return variance;
}

CUSTFOLIO_INLINE Distribution PlanOutcomes::level(std::span<const double> weights) const {
    const auto apart = [&](const CourseOutcome& outcome) {
        double amount = 0;
        for (std::size_t m = 0; m < weights.size(); ++m) amount += weights[m] * outcome.level[m];
        return amount;
    };
    std::vector<double> probability, amount;
    for (const CourseOutcome& outcome : outcomes_) {
        probability.push_back(outcome.probability);
        amount.push_back(apart(outcome));
    }
    Distribution sum = sum_distribution(probability, amount) +
                       growth(plans_, weights_from(weights, weights.size(), 1), Payoff::revenue, {});
    for (const Leaver& one : leavers_) {
        // Its action plans end with it, so their amounts depend on its answer.
        const std::array answers{growth(one.plans, weights_from(weights, weights.size(), 1), Payoff::revenue, {})
                                     .shifted(apart(one.outcome)),
                                 growth(one.plans, weights_from(weights, one.month, 0), Payoff::revenue, {})};
        sum = sum + mix(answers, std::array{one.outcome.probability, 1 - one.outcome.probability});
    }
    return sum;
}

}  // namespace custfolio::detail
