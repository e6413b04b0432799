// Definition of the optimiser's core.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "custfolio/config.hpp"
#include "custfolio/math/errors.hpp"
#include "custfolio/strategy/choice.hpp"
#include "custfolio/strategy/detail/integer_search.hpp"
#include "custfolio/strategy/detail/lagrangian_dual.hpp"

namespace custfolio {
namespace detail {

// The course with the largest share of the mixture, per customer.
inline std::vector<std::size_t> rounded(const ChoiceInstance& instance, const DualSolution& dual) {
    // Of a mixture of two courses the larger share costs least to round to.
    std::vector<std::size_t> choice(instance.customers, 0);
    for (std::size_t i = 0; i < instance.customers; ++i) {
        double most = 0;
        for (std::size_t k = dual.begin[i]; k < dual.begin[i + 1]; ++k) {
            if (dual.weight[k] > most) {
                most = dual.weight[k];
                choice[i] = dual.course[k];
            }
        }
    }
    return choice;
}

CUSTFOLIO_INLINE void check_start(const ChoiceProblem& problem, std::span<const std::size_t> start) {
    if (start.empty()) return;
    if (start.size() != problem.customers()) {
        throw InputError("start: " + std::to_string(start.size()) + " choices for " +
                         std::to_string(problem.customers()) + " customers");
    }
    for (std::size_t i = 0; i < start.size(); ++i) {
        const std::size_t courses = problem.begin[i + 1] - problem.begin[i];
        if (start[i] < courses) continue;
        throw InputError("start: customer " + std::to_string(i) + " has course " + std::to_string(start[i]) +
                         "; its courses are 0 to " + std::to_string(courses - 1));
    }
}

// Progress that never falls, and cancels.
class ChoiceProgress {
  public:
    explicit ChoiceProgress(const ChoiceOptions& options) : options_(options) {}
    void operator()(double fraction) {
        most_ = std::max(most_, fraction);
        if (options_.progress && !options_.progress(most_)) {
            throw Cancelled("optimise: stopped by the progress callback");
        }
    }

  private:
    const ChoiceOptions& options_;
    double most_ = 0;
};

// The best choice within all rows that is found from the relaxation's mixture and the start, into `result`.
CUSTFOLIO_INLINE void search_choices(const ChoiceInstance& instance, const ChoiceOptions& options,
                                     const DualSolution& dual, const PriceBound& bound, ChoiceProgress& report,
                                     ChoiceResult& result) {
    const ChoiceSearch search(instance, dual.prices);
    double best = -infinity;
    const auto consider = [&](std::vector<std::size_t> choice) {
        if (!search.repair(choice)) return;
        search.improve(choice);
        const double value = instance.objective_of(choice);
        if (result.feasible && value <= best) return;
        best = value;
        result.choice = std::move(choice);
        result.feasible = true;
    };
    // The mixture has about as many mixed customers as there are rows; rounding them keeps nearly all of its value.
    consider(rounded(instance, dual));
    report(0.8);
    // The start must never be better than the answer, but far from the rows its repair is long and finds nothing new.
    const std::vector<std::size_t> start(options.start.begin(), options.start.end());
    if (!start.empty() && (!result.feasible || instance.keeps(instance.usage_of(start)))) consider(start);
    if (!result.feasible) {
        // The best courses at the prices break the rows elsewhere than the mixture, so a repair may work from there.
        const Response response = respond(instance, dual.prices);
        consider({response.choice.begin(), response.choice.end()});
    }
    report(0.9);
    if (options.nodes == 0) return;
    // The smaller the gap, the fewer courses are left to the exact search: it comes last.
    result.proven = search.exact(result.choice, result.feasible, bound.bound, options.nodes);
    if (!result.proven) {
        search.combine(result.choice, result.feasible, bound.bound, options.nodes);
        if (!result.feasible) return;
        search.improve(result.choice);
        search.explore(result.choice, bound.bound, search_nodes(options.nodes, instance.customers));
    } else if (result.feasible) {
        // What the search left out may still be better by the rounding of the bound and of its grain.
        result.bound =
            std::min(bound.bound, instance.objective_of(result.choice) + bound.rounding +
                                      search_limits::grain * (instance.value_spread + instance.greatest_penalty));
    } else {
        result.bound = -infinity;
    }
}

// The choice that violates the rows least, into `result`; it may turn out to be within all rows.
CUSTFOLIO_INLINE void search_nearest(const ChoiceInstance& instance, const ChoiceOptions& options, double bound,
                                     ChoiceProgress& report, ChoiceResult& result) {
    const std::vector<double> zeros(instance.problem.value.size(), 0.0);
    // The same search as for values, with penalties in their place.
    const ChoiceInstance soft = instance.nearest(zeros);
    const DualSolution dual = solve_dual(soft, options, [&](double) { report(0.9); });
    const PriceBound least = bound_at(soft, dual.prices, soft.lower, soft.upper);
    ChoiceResult nearest;
    nearest.bound = least.bound;
    search_choices(soft, options, dual, least, report, nearest);
    result.iterations += dual.iterations;
    result.choice = std::move(nearest.choice);
    if (instance.keeps(instance.usage_of(result.choice))) {
        result.feasible = true;
        result.proven = false;
        result.bound = bound;
    } else {
        result.relaxation_bound = std::max(-least.bound, 0.0);
    }
}

}  // namespace detail

CUSTFOLIO_INLINE ChoiceResult optimise(const ChoiceProblem& problem, const ChoiceOptions& options) {
    const detail::ChoiceInstance instance(problem, options);
    detail::check_start(problem, options.start);
    detail::ChoiceProgress report(options);
    report(0.0);
    const detail::DualSolution dual = detail::solve_dual(instance, options, [&](double f) { report(0.7 * f); });
    // The bound is evaluated once more in compensated sums: it must hold to the last digit.
    const detail::PriceBound bound = detail::bound_at(instance, dual.prices, instance.lower, instance.upper);
    ChoiceResult result;
    result.prices = dual.prices;
    result.iterations = dual.iterations;
    result.bound = dual.infeasible ? -detail::infinity : bound.bound;
    result.proven = dual.infeasible;
    if (!dual.infeasible) detail::search_choices(instance, options, dual, bound, report, result);
    if (!result.feasible) detail::search_nearest(instance, options, bound.bound, report, result);
    result.value = instance.objective_of(result.choice);
    result.usage = instance.usage_of(result.choice);
    result.relaxation.assign(instance.rows, 0.0);
    // A row is missed against the bound asked for, beyond its tolerance.
    for (std::size_t r = 0; r < instance.rows; ++r) {
        if (result.usage[r] < instance.lower[r]) result.relaxation[r] = problem.lower[r] - result.usage[r];
        if (result.usage[r] > instance.upper[r]) result.relaxation[r] = result.usage[r] - problem.upper[r];
    }
    result.gap = result.feasible ? (result.bound - result.value) / std::max(std::abs(result.value), 1e-12)
                                 : std::numeric_limits<double>::quiet_NaN();
    report(1.0);
    return result;
}

CUSTFOLIO_INLINE double price_bound(const ChoiceProblem& problem, std::span<const double> prices, unsigned threads) {
    ChoiceOptions options;
    options.threads = threads;
    const detail::ChoiceInstance instance(problem, options);
    if (prices.size() != instance.rows) {
        throw InputError("prices: " + std::to_string(prices.size()) + " for " + std::to_string(instance.rows) +
                         " rows");
    }
    for (std::size_t r = 0; r < prices.size(); ++r) require_finite(prices[r], "price of row " + std::to_string(r));
    return detail::bound_at(instance, prices, problem.lower, problem.upper).bound;
}

}  // namespace custfolio
