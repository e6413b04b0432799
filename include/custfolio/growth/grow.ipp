// Definitions of the budget that action plans give.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/growth/grow.hpp"
#include "custfolio/math/parallel.hpp"
#include "custfolio/math/random.hpp"
#include "custfolio/portfolio/errors.hpp"

namespace custfolio {

namespace detail {

CUSTFOLIO_INLINE double pay_of(const ActionStep& step, Payoff payoff) {
    return payoff == Payoff::revenue ? step.revenue_per_month : step.contribution_per_month;
}

// The outcomes of a plan over the months [first, last] of the horizon, numbered from 0: one per number of successes
// that can be told apart there. Failing a step that would be decided after `last` changes nothing in the range.
CUSTFOLIO_INLINE DiscreteAmount plan_amount(const ActionPlan& plan, Month start, int first, int last, Payoff payoff) {
    DiscreteAmount result;
    double earned = 0;
    double reached = 1;
    int month = 0;
    for (const ActionStep& step : plan.steps) {
        month = std::max(month, step.earliest - start) + step.duration_months;
        if (month > last) break;
        result.probability.push_back(reached * (1 - step.success_probability));
        result.amount.push_back(earned);
        reached *= step.success_probability;
        earned += pay_of(step, payoff) * (last - std::max(month, first) + 1);
    }
    result.probability.push_back(reached);
    result.amount.push_back(earned);
    return result;
}

}  // namespace detail

CUSTFOLIO_INLINE GrowthForecast::GrowthForecast(std::vector<ActionPlan> plans, Month start, int months)
    : plans_(std::move(plans)), start_(start), months_(months) {
    if (months < 1 || months > 1200) {
        throw InputError("the horizon has " + std::to_string(months) + " months; it must have 1 to 1200");
    }
    const auto rows = static_cast<Eigen::Index>(plans_.size());
    revenue_ = Matrix::Zero(rows, months);
    contribution_ = Matrix::Zero(rows, months);
    hours_ = Matrix::Zero(rows, months);
    const Month last = start + (months - 1);
    for (Eigen::Index row = 0; row < rows; ++row) {
        const ActionPlan& plan = plans_[static_cast<std::size_t>(row)];
        const std::vector<StepTiming> times = timing(plan, start);
        for (std::size_t k = 0; k < times.size(); ++k) {
            const ActionStep& step = plan.steps[k];
            const StepTiming& time = times[k];
            if (time.start >= months) {
                notes_.push_back(detail::step_text(plan, k) + " cannot start before " + to_string(start + time.start) +
                                 ", after the horizon's last month " + to_string(last));
                break;  // nor can the steps after it
            }
            if (time.decided >= months) {
                notes_.push_back(detail::step_text(plan, k) + " is decided in " + to_string(start + time.decided) +
                                 ", after the horizon's last month " + to_string(last) + ": it pays nothing in it");
            }
            const double succeeds = time.reached * step.success_probability;
            for (int m = time.decided; m < months; ++m) {
                revenue_(row, m) += succeeds * step.revenue_per_month;
                contribution_(row, m) += succeeds * step.contribution_per_month;
            }
            const int spread = std::max(step.duration_months, 1);
            for (int m = time.start; m < std::min(time.start + spread, months); ++m) {
                hours_(row, m) += time.reached * step.hours / spread;
            }
        }
    }
}

CUSTFOLIO_INLINE Column GrowthForecast::expected(Payoff payoff) const {
    const Matrix& by_plan = payoff == Payoff::revenue ? revenue_ : contribution_;
    Column result(months_);
    for (Eigen::Index m = 0; m < result.size(); ++m) {
        math::CompensatedSum sum;
        for (Eigen::Index row = 0; row < by_plan.rows(); ++row) sum += by_plan(row, m);
        result[m] = sum.value();
    }
    return result;
}

CUSTFOLIO_INLINE std::vector<PlanOutcome> GrowthForecast::outcomes(std::size_t plan, Payoff payoff) const {
    if (plan >= plans_.size()) {
        throw NotFoundError("there is no plan " + std::to_string(plan) + " (0-based); there are " +
                            std::to_string(plans_.size()));
    }
    std::vector<PlanOutcome> result;
    std::vector<double> pay(static_cast<std::size_t>(months_));
    double reached = 1;
    int successes = 0;
    int month = 0;
    for (const ActionStep& step : plans_[plan].steps) {
        month = std::max(month, step.earliest - start_) + step.duration_months;
        if (month >= months_) break;
        result.push_back({successes++, reached * (1 - step.success_probability), pay});
        reached *= step.success_probability;
        for (auto m = static_cast<std::size_t>(month); m < pay.size(); ++m) pay[m] += detail::pay_of(step, payoff);
    }
    result.push_back({successes, reached, std::move(pay)});
    return result;
}

CUSTFOLIO_INLINE Distribution GrowthForecast::range(Month first, Month last, Payoff payoff,
                                                    const SumOptions& options) const {
    if (first > last || first < start_ || last >= start_ + months_) {
        throw InputError("the months " + to_string(first) + " to " + to_string(last) + " are not in the horizon " +
                         to_string(start_) + " to " + to_string(start_ + (months_ - 1)));
    }
    std::vector<DiscreteAmount> amounts;
    amounts.reserve(plans_.size());
    for (const ActionPlan& plan : plans_) {
        amounts.push_back(detail::plan_amount(plan, start_, first - start_, last - start_, payoff));
    }
    return sum_distribution(amounts, options);
}

CUSTFOLIO_INLINE Distribution GrowthForecast::month(Month month, Payoff payoff, const SumOptions& options) const {
    return range(month, month, payoff, options);
}

CUSTFOLIO_INLINE Distribution GrowthForecast::total(Payoff payoff, const SumOptions& options) const {
    return range(start_, start_ + (months_ - 1), payoff, options);
}

CUSTFOLIO_INLINE GrowthForecast grow(std::span<const ActionPlan> plans, Month start, int months) {
    return {std::vector<ActionPlan>(plans.begin(), plans.end()), start, months};
}

CUSTFOLIO_INLINE std::vector<double> simulate_total(const GrowthForecast& forecast, std::size_t paths,
                                                    std::uint64_t seed, Payoff payoff, unsigned threads) {
    if (paths == 0) throw InputError("paths is 0; at least one path is needed");
    std::vector<double> totals(paths);
    math::parallel_for(0, paths, 64, threads, [&](std::size_t begin, std::size_t end) {
        for (std::size_t path = begin; path < end; ++path) {
            math::CompensatedSum total;
            std::uint64_t draw = 0;
            for (const ActionPlan& plan : forecast.plans()) {
                // Every step has its own number, attempted or not: a changed step does not disturb the draws of the
                // others.
                bool alive = true;
                int month = 0;
                for (const ActionStep& step : plan.steps) {
                    const double number = math::uniform(seed, path, draw++);
                    if (!alive) continue;
                    month = std::max(month, step.earliest - forecast.start()) + step.duration_months;
                    alive = month < forecast.months() && number < step.success_probability;
                    if (alive) total += detail::pay_of(step, payoff) * (forecast.months() - month);
                }
            }
            totals[path] = total.value();
        }
    });
    return totals;
}

}  // namespace custfolio
